/** Files on their way to the desk, for one conversation: with progress, and sent as messages once they are there. */

import {signal} from "@preact/signals";
import {newId} from "./outbox.js";

export const LARGEST = 25 * 1024 * 1024;

export class Uploads {
  /** @param {import("../api.js").Api} api @param {(upload: object) => void} onReady one that may be sent is there */
  constructor(api, onReady) {
    Object.assign(this, {api, onReady});
    /** @type {import("@preact/signals").Signal<{key: string, file: File, address: string, part: number, state: "running"|
     *   "ready"|"failed", error: object|null, attachment: object|null, sends: object|null}[]>} */
    this.items = signal([]);
  }

  add(files) {
    for (const file of files) {
      const item = {key: newId(), file, address: /^image\//.test(file.type) ? URL.createObjectURL(file) : "", part: 0, state: "running", error: null, attachment: null, sends: null};
      this.items.value = [...this.items.peek(), item];
      if (file.size > LARGEST) this.#change(item.key, {state: "failed", error: {code: "too_large"}});
      else this.#run(item.key, file);
    }
  }

  /** Take files along that the desk has already, as a canned reply's. */
  addReady(attachments) {
    const items = attachments.map((attachment) => ({
      key: newId(), file: {name: attachment.name, size: attachment.size}, address: "", part: 1, state: "ready", error: null, attachment, sends: null,
    }));
    this.items.value = [...this.items.peek(), ...items];
  }

  /** Send all of them, each as soon as it is there. `body` is what their messages have in common. */
  send(body) {
    for (const {key, state} of this.items.peek()) {
      if (state !== "failed") this.#change(key, {sends: body});
      if (state === "ready") this.#ready(key);
    }
  }

  retry(key) {
    const item = this.items.peek().find((each) => each.key === key);
    if (!item) return;
    this.#change(key, {state: "running", error: null, part: 0});
    this.#run(key, item.file);
  }

  remove(key) {
    const item = this.items.peek().find((each) => each.key === key);
    if (!item) return;
    item.stop?.abort();
    if (item.address) URL.revokeObjectURL(item.address);
    this.items.value = this.items.peek().filter((each) => each.key !== key);
  }

  async #run(key, file) {
    const stop = new AbortController();
    this.#change(key, {stop});
    try {
      const attachment = await this.api.upload("attachments/create", file, {signal: stop.signal, onProgress: (part) => this.#change(key, {part})});
      this.#change(key, {state: "ready", part: 1, attachment});
      this.#ready(key);
    } catch (error) {
      if (error.name !== "AbortError") this.#change(key, {state: "failed", error});
    }
  }

  #ready(key) {
    const item = this.items.peek().find((each) => each.key === key);
    if (!item?.sends) return;
    this.onReady(item);
    this.remove(key);
  }

  #change(key, changes) {
    this.items.value = this.items.peek().map((each) => (each.key === key ? {...each, ...changes} : each));
  }
}
