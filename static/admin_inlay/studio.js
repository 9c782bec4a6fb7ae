// The embed studio: feeds the foreign page of the preview with the chosen options and with one-time tokens.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const frame = document.getElementById("preview");
  const origin = new URL(frame.src).origin;
  const list = document.querySelector("[data-events]");
  const count = document.querySelector("[data-count]");
  let told = 0;

  const say = (type, data) => frame.contentWindow.postMessage({ type, data, source: "inlay-studio" }, origin);

  async function token() {
    try {
      const headers = { "X-CSRFToken": frame.dataset.csrf };
      const answer = await fetch(frame.dataset.tokenUrl, { method: "POST", headers });
      const body = await answer.json();
      if (answer.ok) say("token", { accessToken: body.accessToken });
      else say("refused", { code: body.code });
    } catch { say("refused", { code: "unavailable" }); }
  }

  function note({ type, data }) {
    const line = document.createElement("li");
    const name = document.createElement("code");
    name.textContent = type;
    line.append(name, ` ${JSON.stringify(data).slice(0, 200)}`);
    list.prepend(line);
    while (list.children.length > 50) list.lastChild.remove();
    count.textContent = String(++told);
  }

  addEventListener("message", ({ source, origin: from, data }) => {
    if (source !== frame.contentWindow || from !== origin || data?.source !== "inlay-preview") return;
    if (data.type === "here") say("open", JSON.parse(frame.dataset.settings));
    else if (data.type === "token") token();
    else if (data.type === "event") note(data.data);
  });
});
