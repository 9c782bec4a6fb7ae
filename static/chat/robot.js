/** What the page knows of a robot: whether one answers, what it offers for a tap, and that somebody is writing. */

import {computed, signal} from "@preact/signals";

const WRITES = 15_000; // ms after which somebody who said that they write is not believed any more

export class Robot {
  /** @param {import("./chat.js").Chat} chat */
  constructor(chat) {
    this.chat = chat;
    this.writer = signal(""); // who writes at the moment
    /** Who answers: the robot of the conversation, or of one that has not begun. */
    this.face = computed(() => (chat.thread.value ? chat.thread.value.robot : chat.desk.value.robot) ?? null);
    /** What a tap would say. */
    this.suggestions = computed(() => {
      if (chat.outbox.items.value.length > 0 || chat.thread.value?.state === "closed") return [];
      const last = chat.messages.value.at(-1);
      if (!last) return this.face.value?.suggestions ?? [];
      return last.user?.type === "robot" && this.face.value ? (last.suggestions ?? []) : [];
    });
    /** Whether the visitor may ask for a person: one that nobody serves yet. */
    this.canAsk = computed(() => {
      if (chat.state.value !== "ready") return false;
      return Boolean(this.face.value || (chat.thread.value?.state === "closed" && chat.desk.value.robot));
    });
    this.asks = signal(false);
  }

  /** Take a whisper or an event of the stream: who writes is done when its message is there. */
  hear({type, data}) {
    if (type === "message.created" && data.user?.type !== "visitor") this.#writes("");
    if (type === "chat.thread" && data.state === "closed") this.#writes("");
    if (type !== "typing" || data.by === "visitor" || data.thread !== this.chat.thread.peek()?.id) return;
    this.#writes(data.typing ? data.user?.nickname || "…" : "");
  }

  async ask() {
    this.asks.value = true;
    await this.chat.human();
    this.asks.value = false;
  }

  close() {
    clearTimeout(this.timer);
  }

  #writes(name) {
    clearTimeout(this.timer);
    this.writer.value = name;
    if (name) this.timer = setTimeout(() => (this.writer.value = ""), WRITES);
  }
}
