// The store of the phone: what waits, in order, and its pictures. Where the phone keeps nothing,
// the page itself does.

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
let spare = [];
let next = 1;
const pictures = new Map();

const wait = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
const table = (mode, name = "waiting") => store.transaction(name, mode).objectStore(name);

export const lasts = Boolean(store);
export const putPicture = (key, bytes) => store
  ? wait(table("readwrite", "pictures").put({ key, bytes }))
  : Promise.resolve(pictures.set(key, bytes));
export const picture = async (key) => store
  ? (await wait(table("readonly", "pictures").get(key)))?.bytes
  : pictures.get(key);
export const dropPicture = (key) => store
  ? wait(table("readwrite", "pictures").delete(key))
  : Promise.resolve(pictures.delete(key));

export const put = (record) => {
  if (store) return wait(table("readwrite").put(record));
  record.id ||= next++;
  spare = [...spare.filter((each) => each.id !== record.id), record];
  return Promise.resolve(record.id);
};
export const drop = (id) => {
  spare = spare.filter((each) => each.id !== id);
  return store ? wait(table("readwrite").delete(id)) : Promise.resolve();
};
// Of this visit, whoever gave it; and what the person who is signed in gave.
export const here = async () => {
  const all = store ? await wait(table("readonly").getAll()) : spare;
  return all.filter((record) => record.visit === visit).sort((a, b) => a.id - b.id);
};
export const waiting = async () => (await here()).filter((record) => record.person === person);
