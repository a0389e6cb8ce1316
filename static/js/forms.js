// Forms on every page: the summary of faults gets the focus and leads to the fields, long lists can be searched, and the
// browser's time zone goes along with a form that asks for it. Without JavaScript all of it is a plain form.
(function () {
  "use strict";

  // ---------- the summary of faults ----------

  function reveal(id) {
    const found = document.getElementById(id);
    if (!found) return;
    for (let folded = found.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
    const box = found.hidden ? found.nextElementSibling : found;
    const control = box.matches("input, select, textarea") ? box : box.querySelector("input, select, textarea") || box;
    (control.closest(".field") || control).scrollIntoView({ block: "center" });
    control.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest(".error-summary a[href^='#']");
    if (!link) return;
    event.preventDefault();
    reveal(link.getAttribute("href").slice(1));
  });

  // ---------- lists that can be searched ----------

  const MANY = 12;
  const SHOWN = 200;

  function plain(text) {
    return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[_/]/g, " ");
  }

  function searchable(select) {
    if (select.dataset.search === "on" || select.multiple || select.options.length <= MANY) return;
    select.dataset.search = "on";
    const box = document.createElement("div");
    const input = document.createElement("input");
    const list = document.createElement("ul");
    const id = select.id || "list-" + select.name;
    box.className = "combobox";
    Object.assign(input, { id: id + "-search", type: "text", autocomplete: "off", required: select.required, disabled: select.disabled });
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id + "-list" })) input.setAttribute(name, value);
    for (const name of ["aria-describedby", "aria-invalid", "aria-required"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    const label = document.querySelector('label[for="' + CSS.escape(select.id) + '"]');
    if (label) label.htmlFor = input.id;
    else if (select.hasAttribute("aria-label")) input.setAttribute("aria-label", select.getAttribute("aria-label"));
    list.id = id + "-list";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", label ? label.firstChild.textContent.trim() : input.getAttribute("aria-label") || select.name);
    select.hidden = true;
    select.required = false;
    select.after(box);
    box.append(input, list);

    let active = -1;
    const chosen = () => (select.selectedIndex >= 0 ? select.options[select.selectedIndex].text : "");
    const show = () => { input.value = chosen(); };
    show();

    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function activate(next) {
      const rows = list.querySelectorAll("[role=option]");
      if (!rows.length) return;
      active = (next + rows.length) % rows.length;
      rows.forEach((row, number) => row.classList.toggle("is-active", number === active));
      input.setAttribute("aria-activedescendant", rows[active].id);
      rows[active].scrollIntoView({ block: "nearest" });
    }

    function open(words) {
      const parts = plain(words).split(/\s+/).filter(Boolean);
      const found = Array.from(select.options).filter((option) => parts.every((part) => plain(option.text).includes(part)));
      list.replaceChildren(...found.slice(0, SHOWN).map((option) => {
        const row = document.createElement("li");
        row.id = list.id + "-" + option.index;
        row.textContent = option.text;
        row.dataset.index = option.index;
        row.setAttribute("role", "option");
        row.setAttribute("aria-selected", String(option.selected));
        return row;
      }));
      if (!found.length) {
        const none = document.createElement("li");
        none.className = "is-none";
        none.setAttribute("role", "option");
        none.setAttribute("aria-disabled", "true");
        none.textContent = document.documentElement.dataset.nothing || "—";
        list.append(none);
      }
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      active = -1;
      const selected = Array.from(list.children).findIndex((row) => row.getAttribute("aria-selected") === "true");
      if (found.length) activate(parts.length || selected < 0 ? 0 : selected);
    }

    function choose(row) {
      if (!row || !row.dataset.index) return;
      select.selectedIndex = Number(row.dataset.index);
      show();
      close();
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }

    input.addEventListener("click", () => { if (list.hidden) { input.select(); open(""); } });
    input.addEventListener("input", () => open(input.value));
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) open("");
        else activate(active + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        choose(list.children[active]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        show();
        close();
      }
    });
    input.addEventListener("blur", () => {
      if (!list.hidden && input.value !== chosen()) choose(list.children[active]);
      show();
      close();
    });
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      choose(event.target.closest("[role=option]"));
    });
    select.addEventListener("change", show);
    if (select.form) select.form.addEventListener("reset", () => window.setTimeout(show));
  }

  // ---------- the browser's time zone ----------

  function zone() {
    try {
      return Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    } catch {
      return "";
    }
  }

  function prepare(root) {
    root.querySelectorAll("select[data-search]").forEach(searchable);
    root.querySelectorAll("input[data-browser-zone]").forEach((input) => { input.value = input.value || zone(); });
    root.querySelectorAll("a[data-browser-zone]").forEach((link) => {
      const query = new URLSearchParams(link.search);
      query.set("time_zone", zone());
      link.search = query;
    });
    const summary = root.querySelector(".error-summary");
    if (summary) summary.focus();
  }

  document.addEventListener("DOMContentLoaded", () => prepare(document));
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) prepare(event.detail.elt); });
})();
