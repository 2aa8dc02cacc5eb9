// The visit on a phone. Every answer goes up as it is given; what cannot go up waits in this phone's
// IndexedDB, in order, and is found again when the page is opened the next time. A photo leaves the
// phone only after the server has told its SHA-256. Without this file the parts are plain forms.

const root = document.querySelector("[data-visit]");
const visit = root.dataset.visit;
const person = root.dataset.person; // what one person gave goes up under his own name only
const state = document.querySelector("[data-visit-state]");
const pill = state.querySelector("[data-visit-pill]");
const words = state.querySelector("[data-visit-words]");
const csrf = document.querySelector("input[name=csrfmiddlewaretoken]").value;
const proposed = Object.fromEntries(root.dataset.days.split(";").filter(Boolean).map((day) => day.split("=")));
const TYPING = 800;
const AGAIN = [2000, 5000, 15000, 30000];
const FAMILIES = ["st-ok", "st-warn", "st-danger", "st-progress"];

let done = Number(state.dataset.done);
let trouble = "";
let busy = false;
let failures = 0;
let timer = 0;

// --- the store of the phone ------------------------------------------------------------------

const store = await new Promise((resolve) => {
  if (!window.indexedDB) { resolve(null); return; }
  const asked = indexedDB.open("visits", 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("waiting", { keyPath: "id", autoIncrement: true });
    asked.result.createObjectStore("pictures", { keyPath: "key" }); // apart, so that counting stays light
  };
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => resolve(null);
});
let spare = []; // where the phone keeps nothing, the page itself does
let next = 1;

const wait = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
const table = (mode, name = "waiting") => store.transaction(name, mode).objectStore(name);
const pictures = new Map();
const putPicture = (key, bytes) => store
  ? wait(table("readwrite", "pictures").put({ key, bytes }))
  : Promise.resolve(pictures.set(key, bytes));
const picture = async (key) => store ? (await wait(table("readonly", "pictures").get(key)))?.bytes : pictures.get(key);
const dropPicture = (key) => store
  ? wait(table("readwrite", "pictures").delete(key))
  : Promise.resolve(pictures.delete(key));
const put = (record) => {
  if (store) return wait(table("readwrite").put(record));
  record.id ||= next++;
  spare = [...spare.filter((each) => each.id !== record.id), record];
  return Promise.resolve(record.id);
};
const drop = (id) => {
  spare = spare.filter((each) => each.id !== id);
  return store ? wait(table("readwrite").delete(id)) : Promise.resolve();
};
const here = async () => {
  const all = store ? await wait(table("readonly").getAll()) : spare;
  return all.filter((record) => record.visit === visit).sort((a, b) => a.id - b.id);
};
const waiting = async () => (await here()).filter((record) => record.person === person);

// --- what the page says ------------------------------------------------------------------------

const fill = (text, facts) => text.replace(/%\((\w+)\)s/g, (_all, name) => facts[name]);
const show = async () => {
  const records = await waiting();
  const refused = records.filter((record) => record.refused);
  const rest = records.length - refused.length;
  const facts = { n: rest, done, all: done + records.length };
  const parts = [fill(state.dataset.words, facts)];
  let family = "st-ok";
  if (rest) {
    family = trouble ? "st-warn" : "st-progress";
    parts.push(fill(state.dataset[trouble || "sending"], facts));
  }
  if (refused.length) {
    family = "st-danger";
    parts.push(fill(state.dataset.refused, { n: refused.length }));
  }
  const foreign = (await here()).length - records.length;
  if (foreign) parts.push(fill(state.dataset.others, { n: foreign }));
  if (!store) parts.push(state.dataset.nowhere);
  pill.classList.remove(...FAMILIES);
  pill.classList.add(family);
  const line = parts.join("；");
  if (words.textContent !== line) words.textContent = line;
};

const box = (record) => record.item
  ? document.querySelector(`[data-item="${CSS.escape(record.item)}"] [data-question-error]`)
  : document.querySelector(`form[data-queued="${record.kind}"] [data-form-error]`);
const complain = (record, text) => {
  const place = box(record);
  if (!place) return;
  place.textContent = text;
  place.hidden = !text;
};

// --- sending, one after the other, in the order in which they were given -------------------------

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

const flush = async () => {
  if (busy) return;
  busy = true;
  clearTimeout(timer);
  try {
    for (;;) {
      const record = (await waiting()).find((each) => !each.refused);
      if (!record) break;
      if (!(await settled(record))) { again(); break; }
      failures = 0;
      trouble = "";
      await show();
    }
  } finally {
    busy = false;
  }
  await show();
  // Something may have been given while the last answer was read.
  if (!trouble && (await waiting()).some((record) => !record.refused)) flush();
};
const again = () => {
  timer = setTimeout(flush, AGAIN[Math.min(failures, AGAIN.length - 1)]);
  failures += 1;
};

// True when the record needs no further sending: it is safe, or the server has said why not.
const settled = async (record) => {
  let response;
  try {
    response = await send(record);
  } catch {
    trouble = "offline";
    return false;
  }
  const isOurs = (response.headers.get("Content-Type") || "").includes("application/json");
  if (!isOurs) {
    trouble = response.status >= 500 ? "offline" : "signedOut";
    return false;
  }
  const told = await response.json();
  if (!response.ok) {
    await put({ ...record, refused: told.refused });
    complain(record, told.refused);
    if (record.kind === "photo") offerDrop(record);
    return true;
  }
  if (record.kind === "photo" && record.digest && told.receipt !== record.digest) {
    trouble = "offline"; // it arrived damaged: the phone keeps its copy and sends it again
    return false;
  }
  await drop(record.id);
  if (record.kind === "photo") await dropPicture(record.key);
  done = told.saved.answered + told.saved.photos;
  complain(record, "");
  if (record.kind === "photo") arrived(record, told);
  if (told.saved.total > Number(root.dataset.total)) grown();
  return true;
};

const grown = () => {
  if (state.querySelector("a")) return;
  const line = document.createElement("span");
  const link = document.createElement("a");
  link.href = `${location.pathname}?more=${Date.now()}#index`;
  link.textContent = state.dataset.reload;
  line.append(` ${state.dataset.grown} `, link);
  state.append(line);
};

// --- answers -------------------------------------------------------------------------------------

const ofItem = (question) => {
  const code = question.dataset.item;
  const fields = [["item", code], ["token", crypto.randomUUID ? crypto.randomUUID() : uuid()], ["given_ms", String(Date.now())]];
  for (const control of question.querySelectorAll("input, select")) {
    if (control.type === "file" || (["radio", "checkbox"].includes(control.type) && !control.checked)) continue;
    fields.push([control.name.slice(code.length + 1), control.value]);
  }
  return fields;
};
const uuid = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
};

const keep = async (record) => {
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

const count = (part) => {
  const place = document.querySelector(`[data-part-count="${part.id}"]`);
  const questions = [...part.querySelectorAll("[data-item]")];
  const given = questions.filter((each) => each.querySelector("input[type=radio]:checked")).length;
  if (place) place.textContent = `${given}/${questions.length}`;
};

for (const question of document.querySelectorAll("[data-item]")) {
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
  control("photo").addEventListener("change", (event) => takePhotos(question, event.target));
}

// --- photos --------------------------------------------------------------------------------------

const digestOf = async (bytes) => {
  if (!crypto.subtle) return "";
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...found].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};
const takePhotos = async (question, input) => {
  const item = question.dataset.item;
  const files = [...input.files];
  input.value = "";
  for (const file of files) {
    const bytes = await file.arrayBuffer();
    const record = {
      visit, kind: "photo", item, fields: [["item", item]], name: file.name, type: file.type,
      digest: await digestOf(bytes), key: uuid(),
    };
    await putPicture(record.key, bytes);
    standsBy(record);
    await keep(record);
  }
};
const standsBy = (record) => {
  const list = document.querySelector(`[data-item="${CSS.escape(record.item)}"] [data-photos]`);
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
  const row = document.querySelector(`[data-key="${record.key}"]`);
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
  const row = document.querySelector(`[data-key="${record.key}"]`);
  if (!row) return;
  row.querySelector(".photo-waits").textContent = state.dataset.photoSafe;
  row.querySelector(".photo-waits").className = "hint";
  const shown = document.createElement("img");
  Object.assign(shown, { src: told.photo.thumb, alt: told.photo.alt, width: 64, height: 64 });
  row.prepend(shown);
};

// --- the other parts: sent whole, in the same queue ------------------------------------------------

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

// --- one part at a time, without asking the server ------------------------------------------------

const partsOf = [...document.querySelectorAll("[data-part]")];
const previous = document.querySelector("[data-previous]");
const following = document.querySelector("[data-next]");
const open = (index, { focus = true } = {}) => {
  const at = Math.max(0, Math.min(index, partsOf.length - 1));
  partsOf.forEach((part, number) => { part.hidden = number !== at; });
  previous.hidden = at === 0;
  following.hidden = at === partsOf.length - 1;
  root.dataset.at = String(at);
  if (!focus) return;
  partsOf[at].querySelector("h2").focus({ preventScroll: true });
  window.scrollTo(0, 0);
};
const turn = (step) => {
  const at = Number(root.dataset.at) + step;
  history.replaceState(null, "", `#${partsOf[at].id}`);
  open(at);
};
previous.addEventListener("click", () => turn(-1));
following.addEventListener("click", () => turn(1));
const follow = () => {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const part = target && target.closest("[data-part]");
  if (!part) return false;
  open(partsOf.indexOf(part));
  if (target !== part) target.scrollIntoView({ block: "start" });
  document.querySelector("[data-visit-index]").open = false;
  return true;
};
window.addEventListener("hashchange", follow);
if (!follow()) open(0, { focus: false });

// --- begin: what waited since the last time -------------------------------------------------------

const hasWaiting = async (question) => (await waiting()).some((each) => each.item === question.dataset.item);
const restore = (record) => {
  const question = document.querySelector(`[data-item="${CSS.escape(record.item || "")}"]`);
  if (record.kind === "photo") standsBy(record);
  if (record.kind !== "answer" || !question) return;
  const values = new Map(record.fields);
  for (const control of question.querySelectorAll("input, select")) {
    const value = values.get(control.name.slice(record.item.length + 1));
    if (control.type === "file") continue;
    if (control.type === "radio") control.checked = control.value === value;
    else if (control.type === "checkbox") control.checked = value !== undefined;
    else if (value !== undefined) control.value = value;
  }
};
for (const record of await waiting()) {
  restore(record);
  if (record.refused) complain(record, record.refused);
  if (record.refused && record.kind === "photo") offerDrop(record);
}
// What was pressed while this file was still loading.
for (const question of document.querySelectorAll("[data-item]")) {
  const radios = [...question.querySelectorAll("input[type=radio]")];
  if (radios.some((radio) => radio.checked !== radio.defaultChecked) && !(await hasWaiting(question))) keepAnswer(question);
}
await show();
flush();
window.addEventListener("online", () => { failures = 0; flush(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
window.addEventListener("pagehide", () => { for (const question of [...typing.keys()]) now(question); });
// Going on while something waits would leave it to the next opening of this page: say so first.
window.addEventListener("beforeunload", (event) => {
  if (!trouble) return;
  event.preventDefault();
  event.returnValue = "";
});
