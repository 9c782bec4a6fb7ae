/** Files on their way to the desk, for one conversation: with progress, and sent as messages once they are there. */

import {signal} from "@preact/signals";
import {count, fill, gettext} from "../i18n.js";
import {newId} from "./outbox.js";

const MEGABYTE = 1024 * 1024;

let limits = null; // what the desk takes, a promise: asked for once

/** Why a file cannot be sent, or null: said before a byte of it is. */
async function refusalOf(api, {size}) {
  const {bytes} = await (limits ??= api.get("attachments/limits").catch(() => ((limits = null), {bytes: Infinity})));
  if (size <= bytes) return null;
  const most = `${count(Math.floor((bytes / MEGABYTE) * 10) / 10)} MB`;
  return {code: "too_large_here", detail: fill(gettext("Too large: a file may have at most %(size)s."), {size: most}), final: true};
}

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
      this.#run(item.key, file);
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
    const refusal = await refusalOf(this.api, file);
    if (refusal) return this.#change(key, {state: "failed", error: refusal});
    if (stop.signal.aborted) return;
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
