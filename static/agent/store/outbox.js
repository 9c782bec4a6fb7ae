/**
 * Messages on their way: kept until the desk has them, sent in order within each conversation, each under one client id
 * however often it is repeated. So neither a lost connection nor a reload loses or doubles a message.
 */

import {batch, signal} from "@preact/signals";

const LONGEST_PAUSE = 15_000;
const KEY = "out:";

export class Outbox {
  /**
   * @param {object} options
   * @param {(body: object) => Promise<object>} options.send rejects with `.passes` where it may work later
   * @param {object} options.store keep.js: `get, set, under`
   * @param {(message: object) => void} options.onSent
   */
  constructor({send, store, onSent}) {
    Object.assign(this, {send, store, onSent});
    const kept = store.under(KEY).sort((one, other) => one.at - other.at);
    /** @type {import("@preact/signals").Signal<{clientId: string, thread: string, body: object, at: number,
     *   state: "sending"|"waiting"|"failed", code: string, detail: string}[]>} */
    this.items = signal(kept.map((item) => ({...item, state: "sending", code: ""})));
    this.running = new Set(); // threads with a message under way
    this.wakes = new Set();
    if (kept.length) this.flush();
  }

  /** Send a message to a conversation; returns its client id. `body` is what the API takes, without both. */
  add(thread, body, preview = null) {
    const at = Math.max(Date.now(), (this.items.peek().at(-1)?.at ?? 0) + 1);
    const item = {clientId: newId(), thread, body, at};
    this.store.set(KEY + item.clientId, item);
    this.items.value = [...this.items.peek(), {...item, preview, state: "sending", code: ""}];
    this.#run(thread);
    return item.clientId;
  }

  retry(clientId) {
    const item = this.items.peek().find((each) => each.clientId === clientId);
    if (!item) return;
    this.#change(clientId, {state: "sending", code: ""});
    this.#run(item.thread);
  }

  /** Take a message off, sent or not. Returns it, or undefined where it was gone already. */
  remove(clientId) {
    const item = this.items.peek().find((each) => each.clientId === clientId);
    this.store.set(KEY + clientId, null);
    if (item) this.items.value = this.items.peek().filter((each) => each !== item);
    return item;
  }

  /** The feed shows it: it is there, whatever became of the answer. */
  arrived(clientId) {
    if (this.items.peek().some((each) => each.clientId === clientId)) this.remove(clientId);
  }

  /** Send what waits, now. */
  flush() {
    for (const wake of [...this.wakes]) wake();
    for (const thread of new Set(this.items.peek().map((each) => each.thread))) this.#run(thread);
  }

  async #run(thread) {
    if (this.running.has(thread)) return;
    this.running.add(thread);
    try {
      for (let item, failures = 0; (item = this.#next(thread)); ) {
        failures = (await this.#send(item, failures)) ? 0 : failures + 1;
      }
    } finally {
      this.running.delete(thread);
    }
  }

  #next(thread) {
    return this.items.peek().find((each) => each.thread === thread && each.state !== "failed");
  }

  async #send({clientId, thread, body}, failures) {
    try {
      const message = await this.send({...body, thread, clientId});
      batch(() => {
        this.onSent(message);
        this.remove(clientId);
      });
      return true;
    } catch (error) {
      const {code, detail, retryAfter} = error;
      if (!error.passes) return this.#change(clientId, {state: "failed", code: code ?? "internal_error", detail}), true;
      this.#change(clientId, {state: "waiting", code, detail});
      const longest = Math.min(LONGEST_PAUSE, 1000 * 2 ** failures);
      await this.#pause(retryAfter * 1000 || longest / 2 + (Math.random() * longest) / 2);
      return false;
    }
  }

  #pause(ms) {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.wakes.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.wakes.add(wake);
    });
  }

  #change(clientId, changes) {
    this.items.value = this.items.peek().map((each) => (each.clientId === clientId ? {...each, ...changes} : each));
  }
}

/** A random id; crypto.randomUUID is missing on plain http. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
