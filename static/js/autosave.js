// Autosave with htmx: the pill says 正在保存… / 已保存 10:42 / 没有保存. The words are in the HTML.

const pills = () => document.querySelectorAll("[data-save-state]");
const families = ["st-ok", "st-neutral", "st-warn", "st-progress"];

const say = (word, family, time) => {
  for (const pill of pills()) {
    pill.classList.remove(...families);
    pill.classList.add(family);
    pill.querySelector("[data-words]").textContent = time ? `${pill.dataset[word]} ${time}` : pill.dataset[word];
  }
};
const clock = () => new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
const saves = (event) => event.detail.elt?.closest?.("[data-autosave]");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (saves(event)) say("saving", "st-progress");
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!saves(event)) return;
  if (event.detail.successful) {
    say("saved", "st-ok", clock());
    document.dispatchEvent(new CustomEvent("portal:saved"));
  } else {
    say("failed", "st-warn");
  }
});

// The page an htmx answer brings may hold a summary of errors: go there as after a full load.
document.addEventListener("htmx:afterSwap", (event) => {
  event.detail.target?.querySelector?.("[data-focus]")?.focus();
});
