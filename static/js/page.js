// Small helps on every page; each works without this file, or is not shown without it.

const inWeChat = /MicroMessenger/i.test(navigator.userAgent);

// Print: the buttons are hidden in the HTML, and stay hidden where printing is not possible.
for (const button of document.querySelectorAll("[data-print]")) {
  if (inWeChat || !window.print) continue;
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Copy the text of another element; the word on the button says that it was done.
for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.textContent.trim());
    const words = button.querySelector("[data-words]");
    words.setAttribute("role", "status");
    words.textContent = button.dataset.done;
  });
}

// Menus are <details>: one open at a time, closed by Escape and by a click elsewhere.
const menus = [...document.querySelectorAll("details[data-menu]")];
const close = (menu, refocus) => {
  if (!menu.open) return;
  menu.open = false;
  if (refocus) menu.querySelector("summary").focus();
};
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus) close(menu, menu.contains(document.activeElement));
});
document.addEventListener("click", (event) => {
  for (const menu of menus) if (!menu.contains(event.target)) close(menu, false);
});

// "/" goes to the search box of the desk, unless somebody is writing.
document.addEventListener("keydown", (event) => {
  const box = document.querySelector("[data-slash]");
  const writing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || !box || writing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  box.focus();
});

// Conditions of a search fold away on phones and stand open where there is room.
const wide = matchMedia("(min-width: 992px)");
for (const folded of document.querySelectorAll("details[data-open-wide]")) {
  if (wide.matches) folded.open = true;
}

// Sharing: the phone's own way where it has one, else the address is copied. Without either (or
// without this file) the link leads to the address on the page.
for (const link of document.querySelectorAll("a[data-share]")) {
  const words = link.querySelector("[data-words]");
  const page = { title: link.dataset.title, url: link.dataset.share };
  link.addEventListener("click", async (event) => {
    if (!navigator.share && !navigator.clipboard) return;
    event.preventDefault();
    try {
      if (navigator.share) {
        await navigator.share(page);
      } else {
        await navigator.clipboard.writeText(page.url);
        words.setAttribute("role", "status");
        words.textContent = link.dataset.done;
      }
    } catch (error) {
      if (error.name !== "AbortError") location.hash = link.hash;
    }
  });
}
