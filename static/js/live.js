// What changed on the server, as it changes: `live:conversation`, `live:notification`, … on the document.
// One tab of a browser holds the stream and tells the others, so that many tabs do not use up its connections.
// Without a stream nothing breaks: pages ask every few seconds, as they do anyway.
(function () {
  "use strict";

  if (!window.EventSource || !window.BroadcastChannel) return;
  const names = ["conversation", "notification", "many", "ready"];
  const tabs = new BroadcastChannel("outreach-live");
  let last = "";
  let source = null;

  function tell(name, data, id) {
    if (id) last = id;
    document.documentElement.dataset.live = String(Date.now());
    document.dispatchEvent(new CustomEvent("live:" + name, { detail: data }));
  }

  // Notifications of the browser: for replies, when asked for, by day, and once, from the tab that holds the stream.
  const WISH = "outreach-notify";
  const canNotify = () => window.Notification && Notification.permission === "granted" && localStorage.getItem(WISH) === "on";

  function notify(data) {
    const hour = new Date().getHours();
    if (data.kind !== "reply.received" || !canNotify() || hour < 8 || hour >= 20) return;
    if (!document.hidden && document.hasFocus()) return;
    // the same tag: what one person writes replaces what was shown of them
    const note = new Notification(document.documentElement.dataset.newReply, { tag: "conversation-" + data.id });
    note.addEventListener("click", () => window.open("/inbox/" + data.id + "/"));
  }

  const choice = document.querySelector("[data-notify]");
  if (choice && window.Notification && window.isSecureContext) {
    const box = choice.querySelector("input");
    choice.hidden = false;
    box.checked = canNotify();
    box.addEventListener("change", () => {
      localStorage.setItem(WISH, box.checked ? "on" : "off");
      if (box.checked) Notification.requestPermission().then(() => { box.checked = canNotify(); });
    });
  }

  function open() {
    if (source) return;
    source = new EventSource("/live/" + (last ? "?after=" + last : ""));
    names.forEach((name) =>
      source.addEventListener(name, (event) => {
        const data = JSON.parse(event.data);
        tell(name, data, event.lastEventId);
        if (name === "conversation") notify(data);
        tabs.postMessage({ name, data, id: event.lastEventId });
      }),
    );
    source.addEventListener("error", () => {
      delete document.documentElement.dataset.live;
      if (source && source.readyState === EventSource.CLOSED) tabs.postMessage({ name: "closed" });
    });
  }

  function close() {
    if (source) source.close();
    source = null;
  }

  tabs.addEventListener("message", (event) => {
    if (event.data.name === "closed") delete document.documentElement.dataset.live;
    else tell(event.data.name, event.data.data, event.data.id);
  });

  if (navigator.locks) {
    // held for as long as this tab lives; then the next one takes over where it ended
    navigator.locks.request("outreach-live", () => new Promise(open));
  } else {
    // an address without https: every tab has its own stream while it is looked at
    const follow = () => (document.hidden ? close() : open());
    document.addEventListener("visibilitychange", follow);
    follow();
  }
  window.addEventListener("pagehide", close);
})();
