/**
 * Messages on their way: kept until the desk has them, sent in order, each under one client id however often it is
 * repeated. So neither a lost connection nor a reload loses or doubles a message. A file goes first, then the message
 * that has it; what was chosen and not yet sent when the page was left has to be chosen again, and says so.
 */

import {signal} from "@preact/signals";

const LONGEST_PAUSE = 15_000;
const PATIENCE = 60; // seconds that the messages behind a file wait for the desk to take it

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
    this.files = new Map(); // what is still to be sent, by client id: no storage holds it
    this.items = signal(kept.map((item) => (isLost(item) ? {...item, state: "failed", code: "file_lost"} : {...item, state: "sending"})));
    this.running = false;
    this.failures = 0;
    this.closed = false;
  }

  add(content) {
    this.#add({content});
  }

  /** Send a file, in a message of its own. */
  addFile(file) {
    const {name, size, type} = file;
    const preview = /^image\/(png|jpeg|gif|webp)$/.test(type) ? URL.createObjectURL(file) : "";
    this.#add({content: "", file: {name: name || "file", size}, progress: 0, preview}, file);
  }

  #add(more, file) {
    const at = Math.max(Date.now(), (this.items.peek().at(-1)?.at ?? 0) + 1);
    const item = {clientId: newId(), at, state: "sending", ...more};
    if (file) this.files.set(item.clientId, file);
    this.#keep(item);
    this.items.value = [...this.items.peek(), item];
    this.flush();
  }

  #keep({clientId, content, at, file, attachment}) {
    this.store.set(this.key + clientId, JSON.stringify({clientId, content, at, file, attachment}));
  }

  retry(clientId) {
    const item = this.items.peek().find((each) => each.clientId === clientId);
    if (!item || isLost(item, this.files)) return;
    // What lay about for a day the desk has thrown away.
    this.#change(clientId, {state: "sending", code: "", ...(this.files.has(clientId) && {attachment: undefined, progress: 0})});
    this.flush();
  }

  remove(clientId) {
    this.store.set(this.key + clientId, "");
    if (this.uploading?.clientId === clientId) this.uploading.abort();
    this.files.delete(clientId);
    const {preview} = this.items.peek().find((item) => item.clientId === clientId) ?? {};
    if (preview) URL.revokeObjectURL(preview);
    this.items.value = this.items.peek().filter((item) => item.clientId !== clientId);
  }

  /** Whether a file would be lost if the page were left now. */
  get holdsFiles() {
    return this.items.peek().some((item) => item.state !== "failed" && item.file && !item.attachment);
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
    this.uploading?.abort();
    this.wake?.();
  }

  #next() {
    return this.items.peek().find(({state}) => state !== "failed");
  }

  async #send(item) {
    const {clientId, content} = item;
    try {
      const attachment = item.file && (item.attachment ?? (await this.#upload(item)));
      const message = await this.api.post("send", {content, clientId, ...this.where, ...(attachment && {attachment})});
      this.failures = 0;
      if (this.closed) return;
      this.onSent(message);
      this.remove(clientId);
    } catch (error) {
      if (!this.items.peek().some((each) => each.clientId === clientId)) return; // taken back meanwhile
      const waitsLong = item.file && error.retryAfter > PATIENCE;
      if (!error.passes || waitsLong) return this.#change(clientId, {state: "failed", code: error.code});
      this.failures += 1;
      this.#change(clientId, {state: "waiting", code: error.code});
      const longest = Math.min(LONGEST_PAUSE, 500 * 2 ** this.failures);
      await this.#pause(error.retryAfter * 1000 || longest / 2 + (Math.random() * longest) / 2);
    }
  }

  /** Send an item's file in, and remember its attachment: a resend of the message is one of the same file. */
  async #upload({clientId}) {
    const attempt = (this.uploading = Object.assign(new AbortController(), {clientId}));
    this.#change(clientId, {state: "sending"});
    const onProgress = (progress) => this.#change(clientId, {progress});
    try {
      const {id} = await this.api.upload(this.files.get(clientId), {onProgress, signal: attempt.signal});
      this.#change(clientId, {attachment: id, progress: 1});
      const kept = this.items.peek().find((each) => each.clientId === clientId);
      if (kept) this.#keep(kept);
      return id;
    } finally {
      this.uploading = null;
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
    const {clientId, content, at, file, attachment} = JSON.parse(text);
    if (typeof clientId !== "string" || typeof content !== "string") return null;
    return {clientId, content, at: Number(at) || 0, file, attachment};
  } catch {
    return null;
  }
}

/** Whether an item's file is neither at the desk nor here any more. */
const isLost = ({clientId, file, attachment}, files) => Boolean(file) && !attachment && !files?.has(clientId);

/** A random id; crypto.randomUUID is missing on plain http. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
