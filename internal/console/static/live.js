// News of a page, as the server sends them: parts of it in HTML, by the id of the element that holds them.
"use strict";
(() => {
  const page = document.querySelector("[data-live]");
  if (!page || !window.EventSource) return;
  const mark = document.querySelector("[data-live-mark]");
  let source = null;
  const stop = () => { source?.close(); source = null; mark.hidden = true; };
  const put = (at, html) => {
    if (at.contains(document.activeElement)) return; // who is reading there with the keyboard keeps the place
    const open = [...at.querySelectorAll("details")].map((d) => d.open);
    at.innerHTML = html;
    at.querySelectorAll("details").forEach((d, i) => { d.open = open[i] ?? false; });
  };
  const start = () => {
    if (source) return;
    source = new EventSource(page.dataset.live);
    source.onopen = () => { mark.hidden = false; };
    source.onerror = () => { mark.hidden = true; if (source?.readyState === EventSource.CLOSED) source = null; };
    source.onmessage = (e) => {
      for (const [id, html] of Object.entries(JSON.parse(e.data))) {
        const at = document.getElementById(id);
        if (at) put(at, html);
      }
    };
    source.addEventListener("end", stop);
  };
  document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); else start(); });
  addEventListener("pagehide", stop);
  if (!document.hidden) start();
})();
