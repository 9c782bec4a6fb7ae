/* The foreign page of the embed studio: opens the desk as any page would, with what the studio sends. */
(() => {
  "use strict";
  const desk = document.body.dataset.desk;
  const said = document.getElementById("said");
  let open = null;
  let waiting = null;

  const tell = (type, data) => window.parent.postMessage({type, data, source: "inlay-preview"}, desk);

  /** A one-time token of now: the studio fetches it, for it is who may. */
  function token() {
    tell("token");
    return new Promise((resolve, reject) => (waiting = {resolve, reject}));
  }

  const heard = {
    open(options) {
      open?.destroy();
      said.hidden = true;
      open = InlayDesk.open({...options, container: "#here", desk, token});
      open.on("*", (data, type) => tell("event", {type, data: type === "error" ? {code: data.code} : data}));
      open.on("embed_error", ({code, detail}) => {
        said.hidden = false;
        said.textContent = detail ? `${code}: ${detail}` : code;
      });
    },
    token: ({accessToken}) => waiting?.resolve(accessToken),
    refused: ({code}) => waiting?.reject(Object.assign(new Error(code), {code})),
  };

  addEventListener("message", ({source, origin, data}) => {
    if (!desk || source !== window.parent || origin !== desk || data?.source !== "inlay-studio") return;
    if (Object.hasOwn(heard, data.type)) heard[data.type](data.data ?? {});
  });
  // The studio may not listen yet: say it until it answers.
  const greet = () => {
    if (open) return;
    tell("here");
    setTimeout(greet, 300);
  };
  if (desk && window.parent !== window) greet();
})();
