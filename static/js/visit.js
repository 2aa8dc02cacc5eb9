// The visit on a phone. Every answer goes up as it is given; what cannot go up waits in this phone's
// IndexedDB, in order, and is found again when the page is opened the next time. A photo leaves the
// phone only after the server has told its SHA-256. Without these files the parts are plain forms.

import { keepEarly, restoreAnswer } from "./visit/answers.js";
import { begin } from "./visit/parts.js";
import { restorePhoto } from "./visit/photos.js";
import { atOnce, flush } from "./visit/queue.js";
import { complain, progress, show } from "./visit/status.js";
import { unkept, waiting } from "./visit/store.js";

begin();
for (const record of await waiting()) {
  if (record.kind === "answer") restoreAnswer(record);
  if (record.kind === "photo") restorePhoto(record);
  if (record.refused) complain(record, record.refused);
}
await keepEarly();
await show();
flush();
window.addEventListener("online", atOnce);
document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
// Going on while something waits would leave it to the next opening of this page: say so first.
window.addEventListener("beforeunload", (event) => {
  if (!progress.trouble && !unkept()) return;
  event.preventDefault();
  event.returnValue = "";
});
