// The conversation page: a sent note leaves its box, Ctrl+Enter sends, the box of an answer never loses what was typed.
(function () {
  "use strict";

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest && event.target.closest("form[data-reset]");
    if (form && event.detail.successful) form.reset();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const area = event.target.closest && event.target.closest("textarea");
    if (area && area.form) area.form.requestSubmit();
  });
})();
