// One part of the list at a time, without asking the server.

import { root } from "./ground.js";

const parts = [...document.querySelectorAll("[data-part]")];
const previous = document.querySelector("[data-previous]");
const following = document.querySelector("[data-next]");

const open = (index, { focus = true } = {}) => {
  const at = Math.max(0, Math.min(index, parts.length - 1));
  parts.forEach((part, number) => { part.hidden = number !== at; });
  previous.hidden = at === 0;
  following.hidden = at === parts.length - 1;
  root.dataset.at = String(at);
  if (!focus) return;
  parts[at].querySelector("h2").focus({ preventScroll: true });
  window.scrollTo(0, 0);
};
const turn = (step) => {
  const at = Number(root.dataset.at) + step;
  history.replaceState(null, "", `#${parts[at].id}`);
  open(at);
};
const follow = () => {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const part = target && target.closest("[data-part]");
  if (!part) return false;
  open(parts.indexOf(part));
  if (target !== part) target.scrollIntoView({ block: "start" });
  document.querySelector("[data-visit-index]").open = false;
  return true;
};

previous.addEventListener("click", () => turn(-1));
following.addEventListener("click", () => turn(1));
window.addEventListener("hashchange", follow);
// The part the address names, or the first one.
export const begin = () => { if (!follow()) open(0, { focus: false }); };
