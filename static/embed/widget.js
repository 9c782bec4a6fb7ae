/**
 * The chat on any page, by one tag (docs/chat.md):
 *   <script src="https://desk.example.com/static/embed/widget.js" data-t="1" data-sid="…" async></script>
 * A bubble in a shadow root opens the desk's /chat/ in a frame. Both sides speak to each other's exact origin only, and
 * the page keeps the visitor's credential for the frame, which may have no storage. One global: window.InlayChat.
 */
(() => {
  "use strict";
  const tag = document.currentScript;
  if (window.InlayChat || !tag?.src) return;

  const PREFIX = "inlay-chat:";
  const ACCENT = "inlay-chat:accent";
  const WHO = ["visitorUid", "nickname", "avatar", "email", "phone", "signature"];
  const desk = new URL(tag.src).origin;
  const given = {...tag.dataset};
  const language = given.lang || document.documentElement.lang || navigator.language;
  const texts = /^zh/i.test(language)
    ? {open: "打开聊天", close: "关闭聊天", chat: "在线客服", unread: "条未读消息"}
    : {open: "Open the chat", close: "Close the chat", chat: "Chat", unread: "unread messages"};

  // What the frame keeps: in this page's storage, or for this visit where that is blocked.
  const memory = {};
  let storage = null;
  try {
    storage = localStorage;
    for (const [key, value] of Object.entries(storage)) if (key.startsWith(PREFIX)) memory[key] = value;
  } catch {
    // Blocked.
  }
  function keep(key, value) {
    if (typeof key !== "string" || !key.startsWith(PREFIX)) return;
    if (value === null) delete memory[key];
    else memory[key] = String(value);
    try {
      if (value === null) storage?.removeItem(key);
      else storage?.setItem(key, memory[key]);
    } catch {
      // Full: this visit has it.
    }
  }

  const listeners = {};
  const tell = (event, data) => {
    for (const listener of listeners[event] ?? []) {
      try {
        listener(data);
      } catch (error) {
        console.error(error);
      }
    }
  };

  const who = (from) => Object.fromEntries(WHO.filter((name) => from?.[name] != null).map((name) => [name, String(from[name])]));
  let identity = who(given);
  let frame = null;
  let isOpen = false;
  let greeted = false;
  let unread = 0;

  const host = document.createElement("inlay-chat");
  const root = host.attachShadow({mode: "closed"});
  const colours = new CSSStyleSheet();
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial; color-scheme: light dark; --gap: 20px; position: fixed; z-index: 2147483000; inset-block-end: 0; inset-inline-end: 0; font: 600 12px/1 system-ui, sans-serif; }
    :host(.left) { inset-inline: 0 auto; }
    [hidden] { display: none !important; }
    button { position: fixed; inset-block-end: var(--gap); inset-inline-end: var(--gap); display: grid; place-items: center; width: 60px; height: 60px; margin: 0; padding: 0; border: 0; border-radius: 50%;
      background: var(--accent); color: var(--on-accent); box-shadow: 0 6px 24px rgb(0 0 0 / 24%), 0 2px 6px rgb(0 0 0 / 14%); cursor: pointer; transition: transform 160ms cubic-bezier(.3, 0, .2, 1); }
    :host(.left) button { inset-inline: var(--gap) auto; }
    button:hover { transform: scale(1.06); }
    button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
    svg { width: 28px; height: 28px; fill: none; stroke: currentcolor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
    .badge { position: absolute; inset-block-start: -3px; inset-inline-end: -3px; min-width: 22px; box-sizing: border-box; padding: 5px 6px; border-radius: 11px; background: #d92d3a; color: #fff; box-shadow: 0 0 0 2px #fff; }
    .panel { position: fixed; inset-block-end: calc(var(--gap) + 76px); inset-inline-end: var(--gap); width: 390px; height: min(640px, calc(100vh - 116px)); max-width: calc(100vw - 2 * var(--gap)); border-radius: 20px; overflow: hidden;
      background: light-dark(#f3f4f8, #101218); box-shadow: 0 16px 64px rgb(0 0 0 / 26%), 0 2px 8px rgb(0 0 0 / 12%); animation: rise 200ms cubic-bezier(.2, .8, .3, 1); }
    :host(.left) .panel { inset-inline: var(--gap) auto; }
    iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: normal; }
    @keyframes rise { from { opacity: 0; transform: translateY(14px) scale(.98); } }
    @media (max-width: 520px), (max-height: 420px) {
      .panel, :host(.left) .panel { inset: 0; width: 100vw; height: 100vh; height: 100dvh; max-width: none; border-radius: 0; }
      :host(.open) button { display: none; }
    }
    @media (prefers-reduced-motion: reduce) { .panel { animation: none; } button { transition: none; } button:hover { transform: none; } }
    @media print { :host { display: none; } }`);
  root.adoptedStyleSheets = [sheet, colours];

  const make = (name, attributes, parent) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    parent.append(made);
    return made;
  };
  const panel = make("div", {class: "panel", id: "panel", role: "dialog", "aria-label": texts.chat, hidden: ""}, root);
  const bubble = make("button", {type: "button", "aria-controls": "panel", "aria-haspopup": "dialog"}, root);
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(drawing.namespaceURI, "path");
  drawing.append(line);
  bubble.append(drawing);
  const badge = make("span", {class: "badge", "aria-hidden": "true", hidden: ""}, bubble);

  function dress(accent) {
    const hex = /^#?([0-9a-f]{6})$/i.exec(accent ?? "")?.[1] ?? "3b4fd8";
    const [red, green, blue] = [0, 2, 4].map((at) => (Number.parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2);
    const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    const on = 1.05 / (light + 0.05) >= (light + 0.05) / 0.0567 ? "#fff" : "#12151d";
    colours.replaceSync(`:host { --accent: #${hex}; --on-accent: ${on}; }`);
  }

  function show() {
    panel.hidden = !isOpen;
    host.classList.toggle("open", isOpen);
    const news = !isOpen && unread > 0;
    badge.hidden = !news;
    badge.textContent = unread > 99 ? "99+" : String(unread);
    bubble.setAttribute("aria-expanded", String(isOpen));
    bubble.setAttribute("aria-label", isOpen ? texts.close : texts.open + (news ? ` (${unread} ${texts.unread})` : ""));
    line.setAttribute("d", isOpen ? "M6 9.500l6 6 6-6" : "M4 6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-6l-5 4v-4H6a2 2 0 0 1-2-2zM8.500 8.500h7M8.500 11.500h4.500");
  }

  function load() {
    if (frame) return;
    const address = new URL("/chat/", desk);
    for (const name of ["org", "t", "sid", "theme"]) if (given[name]) address.searchParams.set(name, given[name]);
    address.searchParams.set("lang", language);
    address.searchParams.set("mode", "widget");
    frame = make("iframe", {title: texts.chat, allow: "autoplay; clipboard-write", src: address.href}, panel);
  }

  const say = (type, data) => greeted && frame.contentWindow.postMessage({...data, source: "inlay-widget", type}, desk);

  const heard = {
    here() {
      greeted = true;
      const page = {url: location.href, title: document.title};
      say("hello", {kept: memory, identity, page, open: isOpen});
    },
    store: ({key, value}) => keep(key, value),
    unread({count}) {
      if (unread === count) return;
      unread = Number(count) || 0;
      show();
      tell("unread", unread);
    },
    desk({accentColor}) {
      if (given.accent || !accentColor) return;
      keep(ACCENT, accentColor);
      dress(accentColor);
    },
    close: () => close(),
  };
  function listen({origin, source, data}) {
    if (origin !== desk || !frame || source !== frame.contentWindow || data?.source !== "inlay-chat") return;
    if (Object.hasOwn(heard, data.type)) heard[data.type](data);
  }

  function open() {
    if (isOpen) return;
    isOpen = true;
    load();
    show();
    say("shown", {open: true});
    frame.focus();
    tell("open");
  }

  function close() {
    if (!isOpen) return;
    isOpen = false;
    const inside = root.activeElement;
    show();
    say("shown", {open: false});
    if (inside) bubble.focus();
    tell("close");
  }

  function escape(event) {
    if (event.key === "Escape" && isOpen && !event.defaultPrevented) close();
  }

  window.InlayChat = {
    open,
    close,
    toggle: () => (isOpen ? close() : open()),
    /** Say who the visitor is; `{}` after they have logged out. */
    identify(person) {
      identity = who(person);
      say("identify", {identity});
    },
    /** Call `listener` on "open", "close" or "unread" (with the number). Returns what ends it. */
    on(event, listener) {
      (listeners[event] ??= new Set()).add(listener);
      return () => listeners[event].delete(listener);
    },
    destroy() {
      removeEventListener("message", listen);
      removeEventListener("keydown", escape);
      host.remove();
      delete window.InlayChat;
    },
  };

  addEventListener("message", listen);
  addEventListener("keydown", escape);
  bubble.addEventListener("click", window.InlayChat.toggle);
  if (given.side === "left") host.classList.add("left");
  dress(given.accent || memory[ACCENT]);
  show();

  function begin() {
    document.body.append(host);
    // Who has written before hears of an answer without opening the chat.
    if (Object.keys(memory).some((key) => key.startsWith(PREFIX) && key.includes(":", PREFIX.length))) setTimeout(load, 500);
    dispatchEvent(new Event("inlay-chat"));
    if (given.open !== undefined) open();
  }
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin, {once: true});
})();
