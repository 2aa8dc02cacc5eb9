// What the page says: how much is safe on the server, how much waits and why, what was refused.

import { fill, questionOf, root, state } from "./ground.js";
import { here, lasts, waiting } from "./store.js";

const FAMILIES = ["st-ok", "st-warn", "st-danger", "st-progress"];
const pill = state.querySelector("[data-visit-pill]");
const words = state.querySelector("[data-visit-words]");

export const progress = { done: Number(state.dataset.done), trouble: "" };

export const show = async () => {
  const records = await waiting();
  const refused = records.filter((record) => record.refused);
  const rest = records.length - refused.length;
  const facts = { n: rest, done: progress.done, all: progress.done + records.length };
  const parts = [fill(state.dataset.words, facts)];
  let family = "st-ok";
  if (rest) {
    family = progress.trouble ? "st-warn" : "st-progress";
    parts.push(fill(state.dataset[progress.trouble || "sending"], facts));
  }
  if (refused.length) {
    family = "st-danger";
    parts.push(fill(state.dataset.refused, { n: refused.length }));
  }
  const foreign = (await here()).length - records.length;
  if (foreign) parts.push(fill(state.dataset.others, { n: foreign }));
  if (!lasts()) parts.push(state.dataset.nowhere);
  pill.classList.remove(...FAMILIES);
  pill.classList.add(family);
  const line = parts.join("；");
  if (words.textContent !== line) words.textContent = line;
};

const box = (record) => record.item
  ? questionOf(record.item)?.querySelector("[data-question-error]")
  : document.querySelector(`form[data-queued="${record.kind}"] [data-form-error]`);
export const complain = (record, text) => {
  const place = box(record);
  if (!place) return;
  place.textContent = text;
  place.hidden = !text;
};

// An answer has brought further questions along: they are there when the page is opened again.
export const grown = (saved) => {
  if (saved.total <= Number(root.dataset.total) || state.querySelector("a")) return;
  const line = document.createElement("span");
  const link = document.createElement("a");
  link.href = `${location.pathname}?more=${Date.now()}#index`;
  link.textContent = state.dataset.reload;
  line.append(` ${state.dataset.grown} `, link);
  state.append(line);
};
