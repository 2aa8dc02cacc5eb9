// Where the team stands, where the phone tells it within a moment; without it the visit begins all the same.

const form = document.querySelector("form[data-place]");

if (form && navigator.geolocation) {
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    form.elements.latitude.value = coords.latitude.toFixed(5);
    form.elements.longitude.value = coords.longitude.toFixed(5);
  }, () => {}, { timeout: 10000, maximumAge: 60000 });
}
