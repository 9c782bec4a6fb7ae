/** Calls the visitor who looks elsewhere: a short sound, and the number of unread messages in the page's title. */

import {effect, signal} from "@preact/signals";
import {beep} from "/static/shared/sound.js";

const KEY = "inlay-chat:sound";

export class Attention {
  constructor(chat) {
    this.chat = chat;
    this.sound = signal(chat.store.get(KEY) !== "off");
  }

  /** Whether the visitor can see the conversation. */
  get looking() {
    return document.visibilityState === "visible" && this.chat.shown.peek();
  }

  /** Begin; returns what ends it. */
  start() {
    const wake = () => {
      // Browsers let a page sound only after its reader has done something.
      this.audio ??= new AudioContext();
      this.audio.resume().catch(() => {});
    };
    for (const type of ["pointerdown", "keydown"]) addEventListener(type, wake, {once: true});
    const stop = effect(() => {
      const {desk, unread} = this.chat;
      const name = desk.value.name || "Chat";
      document.title = unread.value ? `(${unread.value}) ${name}` : name;
    });
    return () => {
      stop();
      for (const type of ["pointerdown", "keydown"]) removeEventListener(type, wake);
      this.audio?.close();
    };
  }

  toggle() {
    this.sound.value = !this.sound.value;
    this.chat.store.set(KEY, this.sound.value ? "" : "off");
  }

  /** A message came. */
  call() {
    if (!this.looking && this.sound.value && this.audio?.state === "running") beep(this.audio);
  }
}
