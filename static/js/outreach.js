// What every page does in the browser: outcomes of HTMX requests told to eyes and ears, menus that close, "select all".
// The server speaks through headers: X-Problem (a sentence, percent-encoded) and HX-Trigger {"toast": {"text", "level"}}.
(function () {
  "use strict";

  const words = document.documentElement.dataset;

  function announce(text) {
    const region = document.getElementById("announce");
    if (region) region.textContent = text;
  }

  function toast(text, level) {
    const list = document.getElementById("toasts");
    if (!list || !text) return;
    const box = document.createElement("div");
    box.className = "toast is-" + (level || "grey");
    box.setAttribute("role", level === "red" ? "alert" : "status");
    const line = document.createElement("p");
    line.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "button is-quiet is-small";
    close.setAttribute("aria-label", words.close || "Close");
    close.textContent = "×";
    close.addEventListener("click", () => box.remove());
    box.append(line, close);
    list.append(box);
    while (list.children.length > 4) list.firstElementChild.remove();
    if (level !== "red") window.setTimeout(() => box.remove(), 6000);
  }

  function problem(xhr) {
    const header = xhr.getResponseHeader("X-Problem");
    if (header) return decodeURIComponent(header);
    if (xhr.status === 403) return words.forbidden;
    if (xhr.status === 404) return words.missing;
    if (xhr.status === 429) return words.slow;
    return words.failed;
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    // A form that came back with its faults (400, 422) is shown in place; a typed error becomes a toast.
    const { xhr } = event.detail;
    const type = xhr.getResponseHeader("Content-Type") || "";
    if ((xhr.status === 400 || xhr.status === 422) && type.includes("text/html") && !xhr.getResponseHeader("X-Problem")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:responseError", (event) => toast(problem(event.detail.xhr), "red"));
  document.addEventListener("htmx:sendError", () => toast(words.offline, "red"));
  document.addEventListener("htmx:timeout", () => toast(words.offline, "red"));
  document.addEventListener("htmx:swapError", () => toast(words.failed, "red"));
  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.level));
  document.addEventListener("announce", (event) => announce(event.detail.text || event.detail.value));

  // Menus (details.menu, the phone's "More" sheet) close on Escape and on a click elsewhere.
  const menus = "details.menu[open], .tabbar details[open]";
  document.addEventListener("click", (event) => {
    document.querySelectorAll(menus).forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll(menus).forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // <input type=checkbox data-check-all="name"> ticks every box of that name in the same form or table.
  document.addEventListener("change", (event) => {
    const name = event.target.dataset && event.target.dataset.checkAll;
    if (name) {
      const scope = event.target.closest("form, table") || document;
      scope.querySelectorAll('input[type="checkbox"][name="' + CSS.escape(name) + '"]').forEach((box) => {
        box.checked = event.target.checked;
      });
    }
    // A choice with data-submit or in a toolbar of filters sends its form at once; without JavaScript the form's button
    // does it.
    const sends = "[data-submit], form.toolbar[method=get]:not([hx-get]) select";
    if (event.target.matches && event.target.matches(sends)) event.target.form.requestSubmit();
  });

  // <button data-copy="#id"> copies the text or value of that element.
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.querySelector(button.dataset.copy);
    navigator.clipboard.writeText(source.value || source.textContent.trim()).then(() => toast(words.copied, "green"));
  });

  // <form data-confirm="…"> asks first. HTMX forms use hx-confirm.
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset && event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });
})();
