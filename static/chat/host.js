/**
 * The page that embeds the widget (static/embed/widget.js). It says hello first; from then on both sides speak to that
 * one origin only. What it may ask for is what its own visitor could do.
 */

import {Store} from "./store.js";

export class Host {
  /** Return the host once it has said hello. */
  static greeted() {
    return new Promise((resolve) => {
      const listen = ({source, origin, data}) => {
        if (source !== parent || data?.source !== "inlay-widget" || data.type !== "hello") return;
        if (!/^https?:/.test(origin)) return;
        removeEventListener("message", listen);
        resolve(new Host(origin, data));
      };
      addEventListener("message", listen);
      // Any page may know that a chat is here, and answer with a hello: nothing else is said to "*".
      parent.postMessage({source: "inlay-chat", type: "here"}, "*");
    });
  }

  constructor(origin, {kept, identity, page, open}) {
    this.origin = origin;
    this.identity = identity ?? {};
    this.page = {url: String(page?.url ?? ""), title: String(page?.title ?? "")};
    this.open = Boolean(open);
    this.store = new Store(kept ?? {}, (key, value) => this.tell("store", {key, value}));
    this.heard = {};
    addEventListener("message", ({source, origin: from, data}) => {
      if (source === parent && from === origin && data?.source === "inlay-widget") this.heard[data.type]?.(data);
    });
  }

  /** Call `listener` with each message of a type: `shown` (the panel opened or closed), `identify`. */
  on(type, listener) {
    this.heard[type] = listener;
  }

  tell(type, data = {}) {
    parent.postMessage({...data, source: "inlay-chat", type}, this.origin);
  }
}
