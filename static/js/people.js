// Lists with a selection, and fields that take several values from a list of suggestions.
(function () {
  "use strict";

  const boxes = () => [...document.querySelectorAll('input[data-pick]')];
  let last = null;

  function show() {
    const form = document.getElementById("bulk");
    const list = document.querySelector("[data-listing]");
    if (!form || !list) return;
    const all = form.querySelector('[name="everything"]');
    const ticked = boxes().filter((box) => box.checked);
    form.querySelector("[data-total]").textContent = list.dataset.total;
    form.querySelector("[data-selected]").textContent = all.checked ? list.dataset.total : ticked.length;
    const page = document.querySelector("[data-check-page]");
    if (page) {
      page.checked = ticked.length > 0 && ticked.length === boxes().length;
      page.indeterminate = ticked.length > 0 && !page.checked;
    }
  }

  // A click with Shift (or Shift+Space) ticks everything between this box and the one before.
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!box.matches || !box.matches('input[data-pick]')) return;
    const all = boxes();
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
    }
    last = box;
    show();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-check-page]")) {
      boxes().forEach((box) => { box.checked = event.target.checked; });
    }
    if (event.target.matches('[data-check-page], input[data-pick], [name="everything"]')) show();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-clear-selection]")) return;
    boxes().forEach((box) => { box.checked = false; });
    document.querySelector('#bulk [name="everything"]').checked = false;
    show();
  });
  // Enter in a field of one action means that action, not the first of the form.
  document.addEventListener("keydown", (event) => {
    const panel = event.key === "Enter" && event.target.matches("#bulk input") && event.target.closest(".menu-panel");
    if (!panel) return;
    event.preventDefault();
    panel.querySelector('button[name="action"]').click();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id !== "bulk" || !event.submitter || event.submitter.name !== "action") return;
    const count = form.querySelector("[data-selected]").textContent;
    const isMany = form.querySelector('[name="everything"]').checked && count.replace(/\D/g, "").length > 3;
    if (isMany && !window.confirm(form.dataset.confirmMany.replace("{n}", count))) event.preventDefault();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!event.target.matches("[data-listing]")) return;
    const all = document.querySelector('#bulk [name="everything"]');
    if (all) all.checked = false;
    show();
  });

  // <input list data-many>: suggestions go on after the last comma.
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches || !field.matches("input[data-many]") || !field.list) return;
    const comma = field.value.lastIndexOf(",");
    const before = comma < 0 ? "" : field.value.slice(0, comma + 1) + " ";
    for (const option of field.list.options) {
      option.dataset.value = option.dataset.value || option.value;
      option.value = before + option.dataset.value;
    }
  });

  document.addEventListener("DOMContentLoaded", show);
  show();
})();
