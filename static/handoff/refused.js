/* On a refusal: takes the token out of the address, and tells the page around why (iframe protocol, `embed_error`). */
(() => {
  history.replaceState(null, "", location.pathname);
  if (window.parent === window) return;
  const { event, parent, code, status, detail, requestId } = document.body.dataset;
  const ancestor = location.ancestorOrigins && location.ancestorOrigins[0];
  const referrer = document.referrer ? new URL(document.referrer).origin : "";
  const target = parent || ancestor || referrer;
  if (!target || target === "null") return; // never to just anybody
  const data = { code, status: Number(status), detail, requestId };
  const message = { type: event, data, timestamp: Date.now(), source: "bytedesk-desktop" };
  window.parent.postMessage(message, target);
})();
