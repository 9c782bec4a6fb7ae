/** What is written and not yet sent, per conversation: a reply and a note each. Kept while the tab is open. */

import {signal} from "@preact/signals";

const EMPTY = {mode: "reply", reply: "", note: "", mentions: []};
const LATER = 400; // ms until what is typed is stored

export class Drafts {
  constructor(store) {
    this.store = store;
    this.open = new Map();
    this.waiting = new Map();
    this.written = signal(new Set(store.get("drafts") ?? [])); // ids of the conversations with an unsent reply
    addEventListener("pagehide", () => this.waiting.forEach((_, id) => this.#store(id)));
  }

  /** The signal of a conversation's draft: `{mode: "reply"|"note", reply, note, mentions}`. */
  of(id) {
    let found = this.open.get(id);
    if (!found) this.open.set(id, (found = signal({...EMPTY, ...this.store.get(`draft:${id}`)})));
    return found;
  }

  change(id, changes) {
    const draft = this.of(id);
    draft.value = {...draft.peek(), ...changes};
    const has = draft.peek().reply.trim() !== "" || draft.peek().note.trim() !== "";
    if (has !== this.written.peek().has(id)) {
      const ids = new Set(this.written.peek());
      if (has) ids.add(id);
      else ids.delete(id);
      this.written.value = ids;
    }
    if (!this.waiting.has(id)) this.waiting.set(id, setTimeout(() => this.#store(id), LATER));
  }

  #store(id) {
    clearTimeout(this.waiting.get(id));
    this.waiting.delete(id);
    const {mode, reply, note, mentions} = this.of(id).peek();
    this.store.set(`draft:${id}`, reply || note || mode !== "reply" ? {mode, reply, note, mentions} : null);
    this.store.set("drafts", [...this.written.peek()]);
  }
}
