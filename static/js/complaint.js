// Complaints: the number behind #, work where the budgets are spent, one question before leaving.
// Each page works without this file: then the number is typed, the wait is kept, nothing is asked.

const tracking = document.querySelector("[data-number-from-hash]");
const number = decodeURIComponent(location.hash.slice(1));
if (tracking && /^TS-[0-9A-Z-]{6,}$/.test(number)) {
  const box = tracking.querySelector("[name=number]");
  if (!box.value) box.value = number;
  history.replaceState(null, "", location.pathname);
}

const leadingZeroBits = (bytes) => {
  let bits = 0;
  for (const byte of bytes) {
    if (byte) return bits + Math.clz32(byte) - 24;
    bits += 8;
  }
  return bits;
};

const solve = async (challenge, wanted) => {
  const encoder = new TextEncoder();
  for (let n = 0; ; n += 1) {
    const digest = await crypto.subtle.digest("SHA-256", encoder.encode(`${challenge}:${n}`));
    if (leadingZeroBits(new Uint8Array(digest)) >= wanted) return String(n);
  }
};

// crypto.subtle is there on https and on this machine only; elsewhere the wait takes its place.
const work = document.querySelector("[data-work]");
const challenge = work?.querySelector("[name=challenge]");
if (challenge?.value && globalThis.crypto?.subtle) {
  solve(challenge.value, Number(work.dataset.work)).then((answer) => {
    work.querySelector("[name=answer]").value = answer;
  });
}

// The code is shown once: leaving without having confirmed or saved asks once.
const keep = document.querySelector("[data-keep]");
if (keep) {
  let kept = false;
  for (const form of document.querySelectorAll("form")) form.addEventListener("submit", () => { kept = true; });
  keep.querySelector("[data-kept]")?.addEventListener("click", () => {
    kept = true;
    setTimeout(() => { kept = false; }, 1000); // the download leaves the page standing
  });
  let asked = false;
  window.addEventListener("beforeunload", (event) => {
    if (kept || asked) return;
    asked = true;
    event.preventDefault();
    event.returnValue = keep.dataset.keep;
  });
}
