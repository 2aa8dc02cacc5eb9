// Photos: each goes up on its own and leaves the phone only after the server has told its SHA-256.

import { digestOf, questionOf, questions, root, state, uuid, visit } from "./ground.js";
import { keep } from "./queue.js";
import { complain, show } from "./status.js";
import { drop, dropPicture, putPicture } from "./store.js";

const take = async (question, input) => {
  const item = question.dataset.item;
  const files = [...input.files];
  input.value = "";
  for (const file of files) {
    const bytes = await file.arrayBuffer();
    const record = {
      visit, kind: "photo", item, fields: [["item", item]], name: file.name, type: file.type,
      digest: await digestOf(bytes), key: uuid(),
    };
    standsBy(record);
    if (!(await putPicture(record.key, bytes))) {
      rowOf(record).querySelector(".photo-waits").textContent = state.dataset.photoHere;
    }
    await keep(record);
  }
};
const rowOf = (record) => document.querySelector(`[data-key="${record.key}"]`);

const standsBy = (record) => {
  const list = questionOf(record.item)?.querySelector("[data-photos]");
  if (!list || list.querySelector(`[data-key="${record.key}"]`)) return;
  const row = document.createElement("li");
  row.dataset.key = record.key;
  const name = document.createElement("span");
  name.className = "file-name";
  name.textContent = record.name;
  const note = document.createElement("span");
  note.className = "photo-waits";
  note.textContent = state.dataset.photoWaits;
  row.append(name, note);
  list.append(row);
};
// A picture the server does not take stays until somebody takes it away.
const offerDrop = (record) => {
  const row = rowOf(record);
  if (!row || row.querySelector("button")) return;
  row.querySelector(".photo-waits").remove();
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm btn-outline-secondary";
  button.textContent = state.dataset.drop;
  button.setAttribute("aria-label", `${state.dataset.drop}：${record.name}`);
  button.addEventListener("click", async () => {
    await drop(record.id);
    await dropPicture(record.key);
    row.remove();
    complain(record, "");
    await show();
  });
  row.append(button);
};
const arrived = (record, told) => {
  const row = rowOf(record);
  if (!row) return;
  row.querySelector(".photo-waits").textContent = state.dataset.photoSafe;
  row.querySelector(".photo-waits").className = "hint";
  const shown = document.createElement("img");
  Object.assign(shown, { src: told.photo.thumb, alt: told.photo.alt, width: 64, height: 64 });
  row.prepend(shown);
};

// What waited since the page was open the last time.
export const restorePhoto = (record) => {
  standsBy(record);
  if (record.refused) offerDrop(record);
};

root.addEventListener("visit:safe", ({ detail: { record, told } }) => {
  if (record.kind === "photo") arrived(record, told);
});
root.addEventListener("visit:refused", ({ detail: { record } }) => {
  if (record.kind === "photo") offerDrop(record);
});
for (const question of questions()) {
  const input = question.querySelector(`[name="${CSS.escape(`${question.dataset.item}-photo`)}"]`);
  input.addEventListener("change", () => take(question, input));
}
