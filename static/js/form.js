// Forms: focus on the error summary, warning before leaving, running count, one press only.

const summary = document.querySelector("[data-focus]");
if (summary) summary.focus();

// A link of the summary puts the cursor into the control and its label into view.
for (const link of document.querySelectorAll(".error-summary a[href^='#']")) {
  link.addEventListener("click", (event) => {
    const control = document.getElementById(link.hash.slice(1));
    if (!control) return;
    event.preventDefault();
    (control.closest(".field") || control).scrollIntoView({ block: "start" });
    control.focus({ preventScroll: true });
  });
}

// Leaving a changed form asks once; sending it does not. Autosaving parts report themselves saved.
for (const form of document.querySelectorAll("form[data-guard]")) {
  let dirty = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  document.addEventListener("portal:saved", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => {
    if (!dirty) return;
    event.preventDefault();
    event.returnValue = form.dataset.guard;
  });
}

// A second press while the first is under way does nothing (the server refuses it as well).
for (const form of document.querySelectorAll("form[method='post']")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 5000); // a download leaves the page standing
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Running count: "12/200"; said aloud only near and beyond the limit.
for (const box of document.querySelectorAll("[data-counter]")) {
  const limit = Number(box.dataset.counter);
  const line = document.createElement("p");
  line.className = "char-count";
  box.insertAdjacentElement("afterend", line);
  const show = () => {
    const used = [...box.value].length;
    line.textContent = `${used}/${limit}`;
    line.classList.toggle("over", used > limit);
    if (used > limit * 0.9) line.setAttribute("role", "status");
    else line.removeAttribute("role");
  };
  box.addEventListener("input", show);
  show();
}
