// A button that asks the phone where it is and writes that into the field; without scripts the field is typed.

const form = document.querySelector("form[data-locate]");
const field = form?.querySelector("[data-point]");

if (field && navigator.geolocation) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-outline-secondary mt-2";
  button.textContent = form.dataset.locate;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      field.value = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      button.disabled = false;
    }, () => { button.disabled = false; }, { timeout: 15000, maximumAge: 60000 });
  });
  field.after(button);
}
