/** Opens the session, then shows the desk, or says why it cannot. */

import {render} from "preact";
import {openSession} from "/static/handoff/session.js";
import {Desk} from "./desk.js";
import {html} from "./html.js";
import {sendEmbedError} from "./parent.js";
import {keepToPart} from "./part.js";
import {App} from "./view/app.js";
import {Ended} from "./view/ended.js";

const root = document.getElementById("desk");

function show(vnode) {
  root.replaceChildren();
  root.removeAttribute("aria-busy");
  render(vnode, root);
}

try {
  const desk = new Desk(await openSession());
  keepToPart(desk);
  show(html`<${App} desk=${desk} />`);
  await desk.open().catch((error) => {
    if (!desk.ended.value) throw error;
  });
} catch (error) {
  const code = error.code || "unavailable";
  if (!error.code) console.error(error);
  sendEmbedError(code, error.message);
  show(html`<${Ended} code=${code} />`);
}
