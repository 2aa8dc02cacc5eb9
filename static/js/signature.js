// A name drawn by finger, mouse or pen; it goes up as a picture in the form. Without this file the
// form takes a photo of the signed sheet.

const WIDTH = 4;

for (const form of document.querySelectorAll("form[data-sign]")) {
  const pad = form.querySelector("[data-pad]");
  const canvas = pad.querySelector("canvas");
  const brush = canvas.getContext("2d");
  const drawn = form.querySelector("input[name$='-drawn']");
  const file = form.querySelector("input[type=file]");
  const empty = pad.querySelector("[data-pad-empty]");
  let isDrawn = false;
  let last = null;
  pad.hidden = false;
  form.querySelector("[data-paper]").open = false;

  const clear = () => {
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, canvas.width, canvas.height);
    isDrawn = false;
    drawn.value = "";
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      (event.clientX - box.left) * (canvas.width / box.width),
      (event.clientY - box.top) * (canvas.height / box.height),
    ];
  };
  const line = (from, to) => {
    brush.strokeStyle = "#111";
    brush.lineWidth = WIDTH;
    brush.lineCap = brush.lineJoin = "round";
    brush.beginPath();
    brush.moveTo(...from);
    brush.lineTo(...to);
    brush.stroke();
    isDrawn = true;
    empty.hidden = true;
  };

  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    line(last, last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const here = place(event);
    line(last, here);
    last = here;
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { last = null; });
  pad.querySelector("[data-clear]").addEventListener("click", clear);

  form.addEventListener("submit", (event) => {
    if (isDrawn) {
      drawn.value = canvas.toDataURL("image/png");
    } else if (!file.files.length) {
      event.preventDefault();
      event.stopImmediatePropagation();
      empty.hidden = false;
    }
  }, { capture: true });
  clear();
}
