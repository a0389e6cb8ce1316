// The command palette: a native dialog (it traps focus and closes on Escape) with a combobox over a list that the
// server renders. Answers of an older question are dropped; the focus stays in the field, arrows move the choice.
(function () {
  "use strict";

  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const input = dialog.querySelector("input");
  const list = document.getElementById("palette-list");
  const none = dialog.querySelector(".palette-none");
  const status = document.getElementById("announce");
  const PAUSE = 90;
  let timer = 0;
  let asking = null;
  let shown = null;
  let wantsFirst = false;

  const options = () => [...list.querySelectorAll('[role="option"]')];
  const chosen = () => list.querySelector('[aria-selected="true"]');

  function choose(option) {
    const before = chosen();
    if (before) before.setAttribute("aria-selected", "false");
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = options();
    if (all.length) choose(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
  }

  function show(text, html) {
    shown = text;
    list.innerHTML = html;
    const all = options();
    none.hidden = all.length > 0;
    input.setAttribute("aria-expanded", String(all.length > 0));
    if (text) status.textContent = all.length ? dialog.dataset.count + " " + all.length : dialog.dataset.none;
    choose(all[0]);
    if (wantsFirst && all.length) all[0].click();
    wantsFirst = false;
  }

  async function ask() {
    const text = input.value.trim();
    if (text === shown) return;
    if (asking) asking.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(dialog.dataset.url + "?q=" + encodeURIComponent(text), {
        headers: { "HX-Request": "true", "HX-Current-URL": window.location.href },
        signal: asking.signal,
      });
      const elsewhere = answer.headers.get("HX-Redirect");
      if (elsewhere) return void window.location.assign(elsewhere);
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if (text === input.value.trim()) show(text, html);
    } catch (error) {
      if (error.name === "AbortError") return;
      wantsFirst = false;
      document.dispatchEvent(new CustomEvent("toast", { detail: { text: document.documentElement.dataset.offline, level: "red" } }));
    }
  }

  function open() {
    document.querySelectorAll("details.menu[open]").forEach((menu) => (menu.open = false));
    if (!dialog.open) dialog.showModal();
    input.select();
    input.focus();
    ask();
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (dialog.open) dialog.close();
      else if (!document.querySelector("dialog[open]")) open();
    }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-palette]");
    if (button && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      open();
    }
  });
  dialog.querySelector("[data-palette-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    input.value = "";
    wantsFirst = false;
  });
  // Keys of the page behind (a review, the inbox) must not see what is typed here.
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && event.target === input) {
      event.preventDefault();
      if (input.value.trim() === shown) chosen() && chosen().click();
      else wantsFirst = true;
    }
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  });
  input.addEventListener("input", () => {
    wantsFirst = false;
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, PAUSE);
  });
  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option && option !== chosen()) choose(option);
  });

  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    document.querySelectorAll("[data-palette] kbd").forEach((key) => (key.textContent = "⌘K"));
  }
})();
