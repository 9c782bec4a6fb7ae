/**
 * Messages on their way: kept until the desk has them, sent in order, each under one client id however often it is
 * repeated. So neither a lost connection nor a reload loses or doubles a message.
 */

import {signal} from "@preact/signals";

const LONGEST_PAUSE = 15_000;

export class Outbox {
  /**
   * @param {import("./api.js").Api} api @param {import("./store.js").Store} store @param {string} key
   * @param {{t: string, sid: string}} where a first message begins the conversation
   * @param {(message: object) => void} onSent
   */
  constructor(api, store, key, where, onSent) {
    Object.assign(this, {api, store, key: `${key}:out:`, where, onSent});
    const kept = store.under(this.key).map(parse).filter(Boolean);
    kept.sort((one, other) => one.at - other.at);
    this.items = signal(kept.map((item) => ({...item, state: "sending"})));
    this.running = false;
    this.failures = 0;
    this.closed = false;
  }

  add(content) {
    const at = Math.max(Date.now(), (this.items.peek().at(-1)?.at ?? 0) + 1);
    const item = {clientId: newId(), content, at, state: "sending"};
    this.store.set(this.key + item.clientId, JSON.stringify({clientId: item.clientId, content, at}));
    this.items.value = [...this.items.peek(), item];
    this.flush();
  }

  retry(clientId) {
    this.#change(clientId, {state: "sending", code: ""});
    this.flush();
  }

  remove(clientId) {
    this.store.set(this.key + clientId, "");
    this.items.value = this.items.peek().filter((item) => item.clientId !== clientId);
  }

  /** Send what waits, one after the other. */
  async flush() {
    this.wake?.();
    if (this.running) return;
    this.running = true;
    try {
      for (let item; !this.closed && (item = this.#next()); ) await this.#send(item);
    } finally {
      this.running = false;
    }
  }

  close() {
    this.closed = true;
    this.wake?.();
  }

  #next() {
    return this.items.peek().find(({state}) => state !== "failed");
  }

  async #send({clientId, content}) {
    try {
      const message = await this.api.post("send", {content, clientId, ...this.where});
      this.failures = 0;
      if (this.closed) return;
      this.onSent(message);
      this.remove(clientId);
    } catch (error) {
      if (!error.passes) return this.#change(clientId, {state: "failed", code: error.code});
      this.failures += 1;
      this.#change(clientId, {state: "waiting", code: error.code});
      const longest = Math.min(LONGEST_PAUSE, 500 * 2 ** this.failures);
      await this.#pause(error.retryAfter * 1000 || longest / 2 + (Math.random() * longest) / 2);
    }
  }

  #pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => (clearTimeout(timer), resolve());
    }).finally(() => (this.wake = null));
  }

  #change(clientId, changes) {
    this.items.value = this.items.peek().map((item) => (item.clientId === clientId ? {...item, ...changes} : item));
  }
}

function parse(text) {
  try {
    const {clientId, content, at} = JSON.parse(text);
    return typeof clientId === "string" && typeof content === "string" && {clientId, content, at: Number(at) || 0};
  } catch {
    return null;
  }
}

/** A random id; crypto.randomUUID is missing on plain http. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
