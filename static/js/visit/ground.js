// What the parts of the visit's page share: whose visit it is, and where the page says how far it is.

export const root = document.querySelector("[data-visit]");
export const visit = root.dataset.visit;
export const person = root.dataset.person; // what one person gave goes up under his own name only
export const state = document.querySelector("[data-visit-state]");

export const fill = (text, facts) => text.replace(/%\((\w+)\)s/g, (_all, name) => facts[name]);
export const questions = () => document.querySelectorAll("[data-item]");
export const questionOf = (item) => document.querySelector(`[data-item="${CSS.escape(item || "")}"]`);

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
// Without TLS (a phone in the office's own net) the browser gives neither of these two.
export const uuid = () => {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return hex(bytes).replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
};
export const digestOf = async (bytes) => crypto.subtle
  ? hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)))
  : "";
