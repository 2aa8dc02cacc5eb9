// Sending, one after the other, in the order in which things were given. Whoever wants to know what
// became of a record listens on the page: "visit:safe" and "visit:refused".

import { person, root } from "./ground.js";
import { complain, grown, progress, show } from "./status.js";
import { drop, dropPicture, picture, put, waiting } from "./store.js";

const AGAIN = [2000, 5000, 15000, 30000];
const csrf = document.querySelector("input[name=csrfmiddlewaretoken]").value;
let busy = false;
let failures = 0;
let timer = 0;

const tell = (name, detail) => root.dispatchEvent(new CustomEvent(`visit:${name}`, { detail }));
const address = (record) => ({ answer: root.dataset.answer, photo: root.dataset.photo })[record.kind] || record.url;
const body = async (record) => {
  const form = new FormData();
  for (const [name, value] of record.fields) form.append(name, value);
  form.append("person", person);
  if (record.kind === "photo") {
    form.append("photo", new Blob([await picture(record.key)], { type: record.type }), record.name);
  }
  return form;
};
const send = async (record) => fetch(address(record), {
  method: "POST",
  body: await body(record),
  headers: { "X-CSRFToken": csrf, Accept: "application/json" },
  credentials: "same-origin",
});

export const flush = async () => {
  if (busy) return;
  busy = true;
  clearTimeout(timer);
  try {
    for (;;) {
      const record = (await waiting()).find((each) => !each.refused);
      if (!record) break;
      if (!(await settled(record))) { again(); break; }
      failures = 0;
      progress.trouble = "";
      await show();
    }
  } finally {
    busy = false;
  }
  await show();
  // Something may have been given while the last answer was read.
  if (!progress.trouble && (await waiting()).some((record) => !record.refused)) flush();
};
const again = () => {
  timer = setTimeout(flush, AGAIN[Math.min(failures, AGAIN.length - 1)]);
  failures += 1;
};
export const atOnce = () => {
  failures = 0;
  return flush();
};

// True when the record needs no further sending: it is safe, or the server has said why not.
const settled = async (record) => {
  let response;
  try {
    response = await send(record);
  } catch {
    progress.trouble = "offline";
    return false;
  }
  const isOurs = (response.headers.get("Content-Type") || "").includes("application/json");
  if (!isOurs) {
    progress.trouble = response.status >= 500 ? "offline" : "signedOut";
    return false;
  }
  const told = await response.json();
  if (!response.ok) {
    await put({ ...record, refused: told.refused });
    complain(record, told.refused);
    tell("refused", { record });
    return true;
  }
  if (record.kind === "photo" && record.digest && told.receipt !== record.digest) {
    progress.trouble = "offline"; // it arrived damaged: the phone keeps its copy and sends it again
    return false;
  }
  await drop(record.id);
  if (record.kind === "photo") await dropPicture(record.key);
  progress.done = told.saved.answered + told.saved.photos;
  complain(record, "");
  tell("safe", { record, told });
  grown(told.saved);
  return true;
};

export const keep = async (record) => {
  // What the server refused is taken back by the next answer to the same question.
  for (const old of await waiting()) {
    const same = old.kind === record.kind && old.item === record.item;
    if (old.refused && same && record.kind !== "photo") await drop(old.id);
  }
  complain(record, "");
  await put({ ...record, person });
  await show();
  flush();
};
