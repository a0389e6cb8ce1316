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

  let wasAtEnd = false;
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const box = one("[data-to-end]");
    if (event.detail.target.id === "timeline" && box) {
      wasAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
    }
  });

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
    x: () => one(`[data-pick][value="${opened()}"]`) && one(`[data-pick][value="${opened()}"]`).click(),
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
    // <button data-fill="#field" data-value="…"> puts a value into a field and shows it
    const button = event.target.closest && event.target.closest("[data-fill]");
    if (!button) return;
    const field = one(button.dataset.fill);
    const details = field.closest("details");
    if (details) details.open = true;
    field.value = button.dataset.value;
    field.focus();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest("[data-keys]")) one("#keys").showModal();
  });

  // Saved replies: the button, or "/" at the start of an empty answer, opens the list; a choice goes in at the caret.
  document.addEventListener("toggle", (event) => {
    if (event.target.id === "saved-menu" && event.target.open) one("#saved-find").focus();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.id !== "answer-body" || event.target.value || !one("#saved-menu")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    one("#saved-menu").open = true;
  }, true);
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest && event.target.closest("[data-insert]");
    const body = one("#answer-body");
    if (!chosen || !body) return;
    // in place of a suggestion that nobody touched; beside what somebody typed
    if (one("#typed").value !== "1") body.select();
    body.setRangeText(chosen.dataset.insert, body.selectionStart, body.selectionEnd, "end");
    body.dispatchEvent(new Event("input", { bubbles: true }));
    one("#saved-menu").open = false;
    body.focus();
  });

  // Selection in the list: kept over refreshes of the list, acted on by the bar above it.
  const picked = new Set();
  function showPicked() {
    document.querySelectorAll("[data-pick]").forEach((box) => {
      box.checked = picked.has(box.value);
    });
    const bar = one("#inbox-bulk");
    if (!bar) return;
    bar.hidden = picked.size === 0;
    one("#picked-ids").value = Array.from(picked).join(",");
    one("#picked-count").textContent = String(picked.size);
  }
  document.addEventListener("change", (event) => {
    if (!event.target.matches || !event.target.matches("[data-pick]")) return;
    if (event.target.checked) picked.add(event.target.value);
    else picked.delete(event.target.value);
    showPicked();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest || !event.target.closest("[data-pick-none]")) return;
    picked.clear();
    showPicked();
  });
  document.addEventListener("htmx:afterSettle", showPicked);
  document.addEventListener("bulkDone", () => {
    picked.clear();
    showPicked();
    ask("queue-poll");
    ask("poll");
  });

  document.addEventListener("input", (event) => {
    if (event.target.id === "answer-body" && one("#typed")) one("#typed").value = "1";
  });

  // What changed is told by the stream; without one, the page asks every few seconds.
  const asked = {};
  const PAUSE = { poll: 250, "queue-poll": 800 };
  const RARELY = 30000;

  document.addEventListener("htmx:beforeRequest", (event) => {
    // a tab that no one looks at asks for nothing, and marks nothing as read
    const { id } = event.detail.elt;
    if (!["poll", "queue-poll"].includes(id)) return;
    const trigger = event.detail.requestConfig.triggeringEvent;
    const isTold = Boolean(trigger && trigger.type === "live");
    const isLive = Boolean(document.documentElement.dataset.live);
    if (document.hidden || (isLive && !isTold && Date.now() - (asked[id] || 0) < RARELY)) event.preventDefault();
    else asked[id] = Date.now();
  });

  const due = {};
  function ask(id) {
    // at once, then after a pause, however much happens
    if (due[id] || document.hidden) return;
    const wait = Math.max(0, (asked[id] || 0) + PAUSE[id] - Date.now());
    due[id] = window.setTimeout(() => {
      due[id] = 0;
      const element = document.getElementById(id);
      if (element) window.htmx.trigger(element, "live");
    }, wait);
  }

  function askAll() {
    ask("queue-poll");
    ask("poll");
  }

  document.addEventListener("live:conversation", (event) => {
    const { id, kind } = event.detail;
    const key = String(id);
    // what was delivered or opened changes only what is on the screen; everything else may change the list and its counts
    const isMinor = kind === "message.event" || kind === "message.sent";
    if (key === opened()) ask("poll");
    if (!isMinor || one(`[data-row="${key}"]`)) ask("queue-poll");
  });
  document.addEventListener("live:many", askAll);
  document.addEventListener("live:ready", askAll);
  document.addEventListener("visibilitychange", () => document.hidden || askAll());

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
    if (wasAtEnd && event.detail.target && event.detail.target.id === "timeline") toEnd();
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
