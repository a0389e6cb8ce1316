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

  function open() {
    if (source) return;
    source = new EventSource("/live/" + (last ? "?after=" + last : ""));
    names.forEach((name) =>
      source.addEventListener(name, (event) => {
        const data = JSON.parse(event.data);
        tell(name, data, event.lastEventId);
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
