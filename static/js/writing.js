// The variable picker: a click inserts the variable where the caret last stood in the text.
(() => {
  "use strict";
  let last = null;
  const start = () => {
    const form = document.querySelector("[data-texts]");
    if (!form) return;
    form.addEventListener("focusin", (event) => {
      if (event.target.matches("[data-words]")) last = event.target;
    });
    form.addEventListener("click", (event) => {
      const chip = event.target.closest("[data-insert]");
      if (!chip) return;
      const field = last && form.contains(last) ? last : form.querySelector("textarea[data-words]");
      const at = field.selectionStart ?? field.value.length;
      field.setRangeText(chip.dataset.insert, at, field.selectionEnd ?? at, "end");
      field.focus();
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
