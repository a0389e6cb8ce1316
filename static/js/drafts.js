// Review by keyboard: j k move, a approves, e edits, r rejects, u undoes, p previews; x excludes in the stack and ticks in
// the list. Also "choose all", and a text that is not lost when the page is left or the network fails.
(function () {
  "use strict";

  const KEYS = "jkaerxupt?";
  const cards = () => Array.from(document.querySelectorAll("[data-drafts] [data-draft]:not(.is-away)"));
  const stack = () => document.querySelector("[data-stack]");
  const at = () => current && document.getElementById(current);
  let current = null;
  let variant = "";

  function focus(card) {
    if (!card) return;
    current = card.id;
    variant = card.dataset.variant || variant;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const list = cards();
    const index = list.findIndex((card) => card.id === current);
    focus(list[index < 0 ? 0 : Math.max(0, Math.min(list.length - 1, index + by))]);
  }

  // In the stack the card of the variant that was chosen last is the current one.
  function settle() {
    if (!stack() || (at() && at().closest("[data-stack]"))) return;
    const list = cards();
    const card = list.find((one) => one.dataset.variant === variant) || list[0];
    current = card ? card.id : null;
    const away = document.activeElement;
    if (!away || away === document.body || !away.matches("input, select, textarea")) {
      if (card) card.focus({ preventScroll: true });
      else if (stack().querySelector("[data-draft-empty]")) stack().querySelector("[data-draft-empty]").focus();
    }
  }

  document.addEventListener("focusin", (event) => {
    const card = event.target.closest("[data-draft]");
    if (!card) return;
    current = card.id;
    variant = card.dataset.variant || variant;
  });

  // A key that comes while an answer is on its way waits for it: none is lost, and none is sent twice.
  const isBusy = () => document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added");
  let waiting = [];

  function control(key) {
    const scopes = [at(), stack(), document.getElementById("look"), document.getElementById("bulk-bar")];
    for (const scope of scopes) {
      const found = scope && scope.querySelector('[data-key="' + key + '"]');
      if (found) return found;
    }
    return null;
  }

  // Where a text is open for editing, letters are text and never commands.
  function press(key) {
    const card = at();
    const field = card && card.querySelector("[data-draft-form] textarea");
    if (field) {
      field.focus({ preventScroll: true });
      field.setRangeText(key, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (key === "?") {
      const dialog = document.getElementById("keys");
      if (dialog) dialog.showModal();
    } else if (!stack() && key === "j") step(1);
    else if (!stack() && key === "k") step(-1);
    else if (!stack() && key === "x") {
      const box = card && card.querySelector('input[name="pick"]');
      if (box) box.click();
    } else {
      const found = control(key);
      if (found && !found.disabled) found.click();
    }
  }

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest && event.target.closest("[data-draft-form]");
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    if (form && event.key === "Escape") form.querySelector("[data-drop]").click();
    if (event.target.matches("input:not([type=checkbox]), textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (stack() && (event.key === "ArrowRight" || event.key === "ArrowLeft") && cards().length > 1 && !isBusy()) {
      event.preventDefault();
      step(event.key === "ArrowRight" ? 1 : -1);
      return;
    }
    const isOnControl = event.target.matches("button, a, summary, input") && event.key === " ";
    const isEditing = current && document.querySelector("#" + current + " [data-draft-form]");
    if (event.key.length !== 1 || isOnControl || !(isEditing || isBusy() || KEYS.includes(event.key))) return;
    event.preventDefault();
    if (isBusy()) waiting.push(event.key);
    else press(event.key);
  });

  // After an answer came, stay where the reader was; a text that opened takes the caret.
  document.addEventListener("htmx:afterSettle", () => {
    settle();
    const card = at();
    if (card) {
      const field = card.querySelector("[data-draft-form] textarea");
      const alert = card.querySelector("[role=alert]");
      const elsewhere = document.activeElement && document.activeElement.closest("#filters, dialog, #look");
      if (field && !field.form.contains(document.activeElement)) field.focus({ preventScroll: Boolean(alert) });
      else if (!card.contains(document.activeElement) && !elsewhere) card.focus({ preventScroll: true });
      if (alert) card.scrollIntoView({ block: "start" });
    }
    while (waiting.length && !isBusy()) press(waiting.shift());
  });

  ["htmx:responseError", "htmx:sendError"].forEach((name) => document.addEventListener(name, () => (waiting = [])));

  // What was shown beside an item goes with it.
  document.addEventListener("htmx:afterSwap", (event) => {
    const look = document.getElementById("look");
    if (look && event.detail.target.id === "stack") look.replaceChildren();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) document.getElementById("keys").showModal();
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("[data-draft-form][data-kept]")) event.preventDefault();
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
  settle();
})();
