// Review by keyboard (j k a e r x), "choose all", and a text that is not lost when the page is left or the network fails.
(function () {
  "use strict";

  const cards = () => Array.from(document.querySelectorAll("[data-drafts] [data-draft]:not(.is-away)"));
  let current = null;

  function focus(card) {
    if (!card) return;
    current = card.id;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const list = cards();
    const index = list.findIndex((card) => card.id === current);
    focus(list[index < 0 ? 0 : Math.max(0, Math.min(list.length - 1, index + by))]);
  }

  document.addEventListener("focusin", (event) => {
    const card = event.target.closest("[data-draft]");
    if (card) current = card.id;
  });

  // A key that comes while an answer is on its way waits for it: none is lost, and none is sent twice.
  const isBusy = () => document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added");
  let waiting = [];

  // Where a text is open for editing, letters are text and never commands.
  function press(key) {
    const card = current && document.getElementById(current);
    const field = card && card.querySelector("[data-draft-form] textarea");
    if (field) {
      field.focus({ preventScroll: true });
      field.setRangeText(key, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (card && "aerx".includes(key)) {
      const control = key === "x" ? card.querySelector('input[name="pick"]') : card.querySelector('[data-key="' + key + '"]');
      if (control) control.click();
    }
  }

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest && event.target.closest("[data-draft-form]");
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    if (form && event.key === "Escape") form.querySelector("[data-draft-cancel]").click();
    if (event.target.matches("input:not([type=checkbox]), textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    const isOnControl = event.target.matches("button, a, summary, input") && event.key === " ";
    const isEditing = current && document.querySelector("#" + current + " [data-draft-form]");
    if (event.key.length !== 1 || isOnControl || !(isEditing || isBusy() || "jkaerx".includes(event.key))) return;
    event.preventDefault();
    if (isBusy()) waiting.push(event.key);
    else press(event.key);
  });

  // After an answer came, stay where the reader was; a text that opened takes the caret.
  document.addEventListener("htmx:afterSettle", () => {
    document.querySelectorAll("[data-draft-form]").forEach(restore);
    const card = current && document.getElementById(current);
    if (!card) return;
    const field = card.querySelector("[data-draft-form] textarea");
    const alert = card.querySelector("[role=alert]");
    if (field && !field.form.contains(document.activeElement)) field.focus({ preventScroll: Boolean(alert) });
    else if (!card.contains(document.activeElement)) card.focus({ preventScroll: true });
    if (alert) card.scrollIntoView({ block: "start" });
    while (waiting.length && !isBusy()) press(waiting.shift());
  });

  ["htmx:responseError", "htmx:sendError"].forEach((name) => document.addEventListener(name, () => (waiting = [])));

  // What is typed is kept in this browser until it is saved or dropped.
  const key = (form) => "draft-" + form.dataset.draftForm + "-" + form.dataset.draftVersion;
  let dirty = new Set();

  function restore(form) {
    if (form.dataset.restored) return;
    form.dataset.restored = "1";
    const kept = window.sessionStorage.getItem(key(form));
    if (!kept) return;
    const values = JSON.parse(kept);
    if (form.elements.subject) form.elements.subject.value = values.subject;
    form.elements.body.value = values.body;
    dirty.add(key(form));
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest("[data-draft-form]");
    if (!form) return;
    const subject = form.elements.subject ? form.elements.subject.value : "";
    window.sessionStorage.setItem(key(form), JSON.stringify({ subject: subject, body: form.elements.body.value }));
    dirty.add(key(form));
  });

  function forget(form) {
    window.sessionStorage.removeItem(key(form));
    dirty.delete(key(form));
  }

  document.addEventListener("click", (event) => {
    const cancel = event.target.closest("[data-draft-cancel]");
    if (cancel) forget(cancel.closest("[data-draft-form]"));
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.requestConfig && event.detail.requestConfig.elt.closest("[data-draft-form]");
    if (form && event.detail.xhr.status === 200) forget(form);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-draft-form]") && !window.htmx) forget(event.target);
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty.size && document.querySelector("[data-draft-form]")) event.preventDefault();
  });

  function count() {
    const output = document.querySelector("[data-draft-count]");
    if (output) output.textContent = document.querySelectorAll('input[name="pick"]:checked').length || "";
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-draft-all]")) {
      document.querySelectorAll('input[name="pick"]').forEach((box) => {
        box.checked = event.target.checked;
      });
    }
    count();
  });
})();
