// What is typed into a form with `data-keep` stays in this tab until it is saved or dropped. A session that ended, a page
// that was left or a lost connection costs nothing: whoever signs in again finds their words.
(function () {
  "use strict";

  const store = window.sessionStorage;
  const PREFIX = "kept-";
  const SENT = "keeping-sent";
  const key = (form) => PREFIX + form.dataset.keep;
  const fields = (form) => Array.from(form.elements).filter((field) => field.name
    && field.matches("textarea, select:not([multiple]), input:not([type=hidden], [type=file], [type=password], [type=submit])"));
  let isRestoring = false;
  const isTick = (field) => field.type === "checkbox" || field.type === "radio";

  function keep(form) {
    store.setItem(key(form), JSON.stringify(fields(form).map((field) => [field.name, isTick(field) ? field.checked : field.value])));
    form.dataset.kept = "1";
  }

  function forget(form) {
    store.removeItem(key(form));
    delete form.dataset.kept;
  }

  function restore(form) {
    if (form.dataset.restored) return;
    form.dataset.restored = "1";
    const kept = store.getItem(key(form));
    if (!kept) return;
    const places = fields(form);
    isRestoring = true;
    JSON.parse(kept).forEach(([name, value], place) => {
      const field = places[place] && places[place].name === name ? places[place] : form.elements[name];
      const what = field && isTick(field) ? "checked" : "value";
      if (!field || !field.name || field[what] === value) return;
      field[what] = value;
      field.dispatchEvent(new Event(field.matches("textarea, [type=text]") ? "input" : "change", { bubbles: true }));
    });
    isRestoring = false;
    form.dataset.kept = "1";
  }

  const restoreAll = () => document.querySelectorAll("form[data-keep]").forEach(restore);

  ["input", "change"].forEach((name) => document.addEventListener(name, (event) => {
    const form = event.target.form;
    if (form && form.dataset.keep && !isRestoring) keep(form);
  }));

  // A text that was answered with 200 is saved, unless the answer says that it is still open.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, xhr } = event.detail;
    const form = requestConfig && requestConfig.elt;
    if (form && form.matches("form[data-keep]") && xhr.status >= 200 && xhr.status < 300 && !xhr.getResponseHeader("X-Draft-Open")) forget(form);
  });
  document.addEventListener("htmx:afterSettle", restoreAll);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-drop]");
    if (link && link.closest("form[data-keep]")) forget(link.closest("form[data-keep]"));
  });

  // Without HTMX the next page says how it ended: the page to sign in or a failure, or an answer.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("form[action$='/logout/']")) store.clear();
    else if (form.dataset.keep && !form.hasAttribute("hx-post")) store.setItem(SENT, key(form));
  });
  document.addEventListener("DOMContentLoaded", () => {
    const sent = store.getItem(SENT);
    const [visit] = window.performance.getEntriesByType("navigation");
    const isAnswer = !window.location.pathname.startsWith("/login/") && !(visit && visit.responseStatus >= 500);
    if (sent && isAnswer) store.removeItem(sent);
    store.removeItem(SENT);
    restoreAll();
  });
})();
