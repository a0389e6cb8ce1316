// The inbox: keys, the list beside the conversation, a box of an answer that never loses what was typed.
(function () {
  "use strict";

  const inbox = document.getElementById("inbox");
  if (!inbox) return;

  const one = (selector) => document.querySelector(selector);
  const rows = () => Array.from(document.querySelectorAll("[data-row]"));
  const opened = () => (one("#thread") || { dataset: {} }).dataset.conversation || "";

  function mark() {
    // which row is open, and on a phone: the list or the conversation
    inbox.classList.toggle("has-thread", Boolean(opened()));
    rows().forEach((row) => {
      if (row.dataset.row === opened()) {
        row.setAttribute("aria-current", "true");
        row.classList.remove("is-unread");
      } else {
        row.removeAttribute("aria-current");
      }
    });
  }

  function toEnd() {
    const box = one("[data-to-end]");
    if (box) box.scrollTop = box.scrollHeight;
  }

  function step(by) {
    const list = rows();
    if (!list.length) return;
    const at = list.findIndex((row) => row.dataset.row === opened());
    const next = list[at < 0 ? 0 : Math.min(list.length - 1, Math.max(0, at + by))];
    if (next.dataset.row === opened()) return;
    next.click();
    next.scrollIntoView({ block: "nearest" });
  }

  function openMenu(summary) {
    summary.closest("details").open = true;
    const field = summary.closest("details").querySelector("input:not([type=hidden]), select");
    if (field) field.focus();
  }

  const actions = {
    j: () => step(1),
    k: () => step(-1),
    r: () => one("#answer-body") && one("#answer-body").focus(),
    e: () => one('button[data-key="e"]') && one('button[data-key="e"]').click(),
    a: () => one(".inbox-suggested") && one("[data-send]").click(),
    z: () => one("[data-undo]") && one("[data-undo]").click(),
    s: () => one('summary[data-key="s"]') && openMenu(one('summary[data-key="s"]')),
    "/": () => one("#inbox-search").focus(),
    "?": () => one("#keys").showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest && event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      if (field && field.tagName === "TEXTAREA" && field.form) field.form.requestSubmit();
      return;
    }
    if (event.key === "Escape" && field) field.blur();
    if (field || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const act = actions[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest("[data-keys]")) one("#keys").showModal();
  });

  document.addEventListener("input", (event) => {
    if (event.target.id === "answer-body" && one("#typed")) one("#typed").value = "1";
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    // a tab that nobody looks at asks for nothing, and marks nothing as read
    if (document.hidden && ["poll", "queue-poll"].includes(event.detail.elt.id)) event.preventDefault();
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest && event.target.closest("form[data-reset]");
    if (form && event.detail.successful) form.reset();
    const undo = event.target.closest && event.target.closest("[data-gone-after]");
    if (undo && event.detail.successful) undo.remove();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    mark();
    if (event.detail.target && event.detail.target.id === "thread") toEnd();
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    // what was sent can be taken back for some seconds
    const form = event.detail.target && event.detail.target.querySelector && event.detail.target.querySelector("[data-gone-after]");
    if (form) window.setTimeout(() => form.remove(), Number(form.dataset.goneAfter) * 1000);
  });
  document.addEventListener("answered", (event) => {
    if (event.detail.opensNext) step(1);
    else toEnd();
  });

  mark();
  toEnd();
})();
