// Answers: each is kept as it is given, what is typed a moment after the last letter. The other
// parts of the page (heads, staff, remarks) are sent whole, in the same queue.

import { questionOf, questions, root, uuid, visit } from "./ground.js";
import { keep } from "./queue.js";
import { waiting } from "./store.js";

const TYPING = 800;
const proposed = Object.fromEntries(root.dataset.days.split(";").filter(Boolean).map((day) => day.split("=")));

const ofItem = (question) => {
  const code = question.dataset.item;
  const fields = [["item", code], ["token", uuid()], ["given_ms", String(Date.now())]];
  for (const control of question.querySelectorAll("input, select")) {
    if (control.type === "file" || (["radio", "checkbox"].includes(control.type) && !control.checked)) continue;
    fields.push([control.name.slice(code.length + 1), control.value]);
  }
  return fields;
};
const keepAnswer = (question) => {
  if (!question.querySelector("input[type=radio]:checked")) return;
  keep({ visit, kind: "answer", item: question.dataset.item, fields: ofItem(question) });
};

const typing = new Map();
const later = (question) => {
  clearTimeout(typing.get(question));
  typing.set(question, setTimeout(() => { typing.delete(question); keepAnswer(question); }, TYPING));
};
const now = (question) => {
  clearTimeout(typing.get(question));
  typing.delete(question);
  keepAnswer(question);
};
window.addEventListener("pagehide", () => { for (const question of [...typing.keys()]) now(question); });

const count = (part) => {
  const place = document.querySelector(`[data-part-count="${part.id}"]`);
  const asked = [...part.querySelectorAll("[data-item]")];
  const given = asked.filter((each) => each.querySelector("input[type=radio]:checked")).length;
  if (place) place.textContent = `${given}/${asked.length}`;
};

for (const question of questions()) {
  const code = question.dataset.item;
  const control = (name) => question.querySelector(`[name="${CSS.escape(`${code}-${name}`)}"]`);
  question.addEventListener("change", (event) => {
    if (event.target.type === "file") return;
    if (event.target.value === "fail" && event.target.type === "radio") {
      if (!control("text").value) control("text").value = question.dataset.defaultText;
      if (!control("due_on").value) control("due_on").value = proposed[control("severity").value] || "";
      question.querySelector("details").open = true;
    }
    if (event.target === control("severity")) control("due_on").value = proposed[event.target.value] || "";
    now(question);
    count(question.closest("[data-part]"));
  });
  question.addEventListener("input", (event) => {
    if (event.target.matches("input:not([type=radio]):not([type=checkbox]):not([type=file])")) later(question);
  });
}

for (const form of document.querySelectorAll("form[data-queued]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    delete form.dataset.sent;
    const fields = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
    keep({ visit, kind: form.dataset.queued, url: form.getAttribute("action"), fields });
  });
}

// Every answer is on its way already: the plain buttons of the parts are not needed.
for (const button of document.querySelectorAll("[data-plain-save]")) button.hidden = true;
for (const form of document.querySelectorAll("form[data-questions]")) {
  form.addEventListener("submit", (event) => {
    if (!event.submitter || event.submitter.name !== "remove") event.preventDefault();
  });
}

// An answer that waited since the last time stands in its question again.
export const restoreAnswer = (record) => {
  const question = questionOf(record.item);
  if (!question) return;
  const values = new Map(record.fields);
  for (const control of question.querySelectorAll("input, select")) {
    const value = values.get(control.name.slice(record.item.length + 1));
    if (control.type === "file") continue;
    if (control.type === "radio") control.checked = control.value === value;
    else if (control.type === "checkbox") control.checked = value !== undefined;
    else if (value !== undefined) control.value = value;
  }
};
// What was pressed while these files were still loading.
export const keepEarly = async () => {
  const known = new Set((await waiting()).map((record) => record.item));
  for (const question of questions()) {
    const radios = [...question.querySelectorAll("input[type=radio]")];
    const isPressed = radios.some((radio) => radio.checked !== radio.defaultChecked);
    if (isPressed && !known.has(question.dataset.item)) keepAnswer(question);
  }
};
