/** Opens the conversation that the address (and, in a widget, the page around it) names, and shows it. */

import {effect} from "@preact/signals";
import {render} from "preact";
import {Chat} from "./chat.js";
import {dress} from "./colours.js";
import {Host} from "./host.js";
import {html} from "./html.js";
import {identityOf, optionsOf} from "./options.js";
import {localStore} from "./store.js";
import {App} from "./view/app.js";

const root = document.getElementById("chat");
const options = optionsOf(location.href);
const framed = options.mode === "widget" && parent !== window;
const host = framed ? await Host.greeted() : null;
const store = host?.store ?? localStore();
const page = host?.page ?? {url: document.referrer || location.origin + location.pathname, title: ""};

let chat = null;

function begin(identity) {
  chat?.close();
  chat = new Chat({options: {...options, ...identity}, store, host, page});
  const now = chat;
  now.stopping.push(effect(() => dress(now.desk.value.accentColor)));
  root.removeAttribute("aria-busy");
  if (!root.dataset.shown) root.replaceChildren();
  root.dataset.shown = "yes";
  render(html`<${App} chat=${now} key=${Date.now()} />`, root);
  now.start();
}

const write = () => document.querySelector(".write")?.focus();

begin(host ? identityOf(host.identity) : {});

if (host) {
  if (host.open) write();
  host.on("identify", ({identity}) => begin(identityOf(identity)));
  host.on("shown", ({open}) => {
    chat.shown.value = Boolean(open);
    if (open) write();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) host.tell("close");
  });
}
