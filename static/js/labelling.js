// Labelling by keys: y, n, s and u press the button that carries the key, unless something is being typed.
(function () {
  "use strict";

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const key = event.key.toLowerCase();
    if (!["y", "n", "s", "u"].includes(key)) return;
    const button = document.querySelector(`#labelling button[data-key="${key}"]:not(:disabled)`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "labelling") document.body.dispatchEvent(new Event("labelled"));
  });
})();
