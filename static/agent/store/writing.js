/**
 * Writing in one conversation: sending what is in the draft, taking it back for a few seconds, telling the visitor that
 * one writes. What is undone while it is on its way is recalled as soon as the desk has it.
 */

import {signal} from "@preact/signals";
import {amongColleagues, isVisit} from "./kinds.js";
import {Uploads} from "./uploads.js";

const UNDO = 8_000; // ms in which Escape takes the last message back
const AGAIN = 3_000; // ms after which the visitor is told again that somebody writes

export class Writing {
  /** @param {import("../desk.js").Desk} desk @param {import("./conversation.js").Conversation} conversation */
  constructor(desk, conversation) {
    Object.assign(this, {desk, conversation, id: conversation.id});
    this.last = signal(null); // what can be undone: {clientId, text, mode}
    this.uploads = new Uploads(desk.api, ({attachment, sends}) => this.#attach(attachment, sends));
    this.told = 0;
  }

  get outbox() {
    return this.desk.conversations.outbox;
  }

  /** Send what is written, and what is attached. A visitor of the queue is accepted by answering. */
  async send() {
    const {drafts} = this.desk.conversations;
    const among = amongColleagues(this.desk.threads.peek(this.id));
    const draft = drafts.of(this.id).peek();
    const mode = among ? "reply" : draft.mode;
    const {mentions, [mode]: text} = draft;
    const content = text.trim();
    const note = mode === "note";
    if (!content && !this.uploads.items.peek().length) return false;
    drafts.change(this.id, {[mode]: "", ...(note || among ? {mentions: []} : {})});
    this.#silent();
    try {
      await this.#accept(note);
    } catch (error) {
      drafts.change(this.id, {[mode]: text});
      this.desk.fail(error);
      return false;
    }
    const common = note ? {visibility: "internal"} : {};
    this.conversation.marker.value = null;
    if (content) {
      const named = note || among ? mentions.filter(({nickname}) => content.includes(`@${nickname}`)).map(({id}) => id) : [];
      const clientId = this.outbox.add(this.id, {content, type: "text", ...common, ...(named.length ? {mentions: named} : {})});
      this.#canUndo({clientId, text, mode});
    }
    this.uploads.send(common);
    return true;
  }

  /** Take the last message back: out of the outbox, or off the visitor's page again; its text is in the field again. */
  async undo() {
    const last = this.last.peek();
    if (!last) return;
    this.last.value = null;
    const {drafts, undone} = this.desk.conversations;
    const draft = drafts.of(this.id).peek();
    drafts.change(this.id, {mode: last.mode, [last.mode]: [last.text, draft[last.mode]].filter((each) => each.trim()).join("\n")});
    const message = this.conversation.messages.peek().find(({clientId}) => clientId === last.clientId);
    this.outbox.remove(last.clientId);
    if (!message) return undone.add(last.clientId);
    await this.conversation.recall(message).catch((error) => this.desk.fail(error));
  }

  /** Something was typed. */
  typed(mode, text) {
    this.last.value = null;
    const thread = this.desk.threads.peek(this.id);
    if (mode !== "reply" || thread?.state !== "open" || !isVisit(thread)) return;
    if (!text.trim()) return this.#silent();
    if (Date.now() - this.told < AGAIN) return;
    this.told = Date.now();
    this.#tell(true);
  }

  #silent() {
    if (!this.told) return;
    this.told = 0;
    this.#tell(false);
  }

  #tell(typing) {
    this.desk.api.post(`threads/${this.id}/typing`, {typing}).catch(() => {});
  }

  async #accept(note) {
    const thread = this.desk.threads.peek(this.id);
    if (note || thread?.state !== "queued" || amongColleagues(thread)) return;
    this.desk.threads.put(await this.desk.api.post(`threads/${this.id}/accept`), {whole: true});
  }

  #attach(attachment, common) {
    this.outbox.add(this.id, {attachment: attachment.id, ...common}, attachment.name);
  }

  #canUndo(last) {
    this.last.value = last;
    clearTimeout(this.undoing);
    this.undoing = setTimeout(() => (this.last.value = null), UNDO);
  }
}
