// The store of the phone: what waits, in order, and its pictures. Where the phone keeps nothing or
// is full, the page itself does.

import { person, visit } from "./ground.js";

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
// What found no room on the phone: it goes up from here as long as the page is open.
let spare = [];
let next = 2 ** 40; // behind what the phone has numbered
const pictures = new Map();

const wait = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
const table = (mode, name = "waiting") => store.transaction(name, mode).objectStore(name);
// A phone that is full may say so only when the transaction ends.
const written = async (name, value) => {
  if (!store) return undefined;
  try {
    const request = table("readwrite", name).put(value);
    await new Promise((resolve, reject) => {
      request.transaction.oncomplete = resolve;
      request.transaction.onabort = reject;
    });
    return request.result;
  } catch {
    return undefined;
  }
};

export const lasts = () => Boolean(store) && !unkept();
export const unkept = () => spare.length + pictures.size;
// Whether the picture is on the phone, and not only in this page.
export const putPicture = async (key, bytes) => {
  if (await written("pictures", { key, bytes })) return true;
  pictures.set(key, bytes);
  return false;
};
export const picture = async (key) => pictures.get(key)
  || (store && (await wait(table("readonly", "pictures").get(key)))?.bytes);
export const dropPicture = async (key) => {
  pictures.delete(key);
  if (store) await wait(table("readwrite", "pictures").delete(key));
};

export const put = async (record) => {
  const isHere = pictures.has(record.key) || spare.some((each) => each.id === record.id);
  if (!isHere && (await written("waiting", record))) return;
  record.id ||= next++;
  spare = [...spare.filter((each) => each.id !== record.id), record];
};
export const drop = async (id) => {
  spare = spare.filter((each) => each.id !== id);
  if (store) await wait(table("readwrite").delete(id));
};
// Of this visit, whoever gave it; and what the person who is signed in gave.
export const here = async () => {
  const kept = store ? await wait(table("readonly").getAll()) : [];
  const rest = kept.filter((old) => !spare.some((each) => each.id === old.id));
  return [...rest, ...spare].filter((record) => record.visit === visit).sort((a, b) => a.id - b.id);
};
export const waiting = async () => (await here()).filter((record) => record.person === person);
