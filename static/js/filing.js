// The pages of a filing: an autosave that somebody was faster than, or that met the sign-in page.

const form = document.querySelector("form[data-autosave]");
const signedOut = document.querySelector("[data-signed-out]");
let underWay = false;
let waiting = null;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt === form) underWay = true;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.requestConfig?.elt !== form) return;
  const answer = event.detail.xhr;
  // 409: the answer says so itself, and the pill stays at "not saved".
  if (answer.status === 409) event.detail.shouldSwap = true;
  // Another page came instead (sign-in, a refusal, the filing has moved on): nothing was saved.
  const isOther = answer.status < 500 && answer.status !== 409 && !answer.getResponseHeader("X-Saved");
  if (isOther) {
    event.detail.shouldSwap = false;
    event.detail.isError = true;
  }
  if (signedOut) signedOut.hidden = !isOther;
});

// A save pressed while an autosave is under way waits for it, so that it carries the new version.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt !== form) return;
  underWay = false;
  if (!waiting) return;
  const button = waiting;
  waiting = null;
  delete form.dataset.sent;
  setTimeout(() => button.click());
});
form?.addEventListener("submit", (event) => {
  if (!underWay || waiting) return;
  event.preventDefault();
  waiting = event.submitter || form.querySelector(".form-actions button");
}, { capture: true });

// While files travel, the pressed button says so.
form?.addEventListener("submit", (event) => {
  const button = event.submitter;
  const hasFiles = [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
  if (event.defaultPrevented || !hasFiles || !button?.dataset.busy) return;
  button.textContent = button.dataset.busy;
  button.setAttribute("aria-busy", "true");
});
