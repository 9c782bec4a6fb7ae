/** The conversations that are open or were a moment ago: their messages, kept live; and what is on its way to them. */

import {signal} from "@preact/signals";
import {forTab, partOf} from "../keep.js";
import {Conversation} from "./conversation.js";
import {Drafts} from "./drafts.js";
import {Outbox} from "./outbox.js";
import {Suggest} from "./suggest.js";

const KEPT = 12; // conversations whose messages stay in memory: going back to one shows it at once

export class Conversations {
  /** @param {import("../desk.js").Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.open = new Map(); // id → Conversation, the last used one at the end
    const store = partOf(forTab, desk.session.user?.id ?? desk.session.handle);
    this.drafts = new Drafts(store);
    this.suggest = new Suggest(desk);
    this.editing = signal(null); // the id of the message that is being changed
    this.undone = new Set(); // client ids of messages that were taken back while they were on their way
    this.outbox = new Outbox({
      send: (body) => desk.api.post("messages/send", body),
      store,
      onSent: (message) => {
        this.open.get(message.thread)?.take([message]);
        this.#undo(message);
      },
    });
    desk.on("message.*", ({type, data}) => this.#message(type, data));
    desk.on("thread.*", ({type, objectId}) => this.#thread(type, this.open.get(objectId)));
    desk.on("whisper.typing", (said) => this.open.get(said.thread)?.typed(said));
    desk.on("resync", () => {
      this.open.forEach((each) => each.catchUp());
      this.outbox.flush();
    });
    addEventListener("online", () => this.outbox.flush());
  }

  /** The conversation of a thread, loaded or being loaded. */
  get(id) {
    const found = this.open.get(id) ?? new Conversation(this.desk, id);
    this.open.delete(id);
    this.open.set(id, found);
    for (const [other] of this.open) {
      if (this.open.size <= KEPT) break;
      this.open.delete(other);
    }
    if (found.state.peek() === "idle") found.load();
    return found;
  }

  #thread(type, conversation) {
    if (type === "thread.moved_away") conversation?.leave();
    // What this agent had read before it went may be told after that; anything else says that it came back.
    else if (type !== "thread.read" && conversation?.state.peek() === "gone") conversation.load();
  }

  #message(type, message) {
    // Whoever hears of its own message need not wait for the answer that was lost on the way.
    if (message.clientId) this.outbox.arrived(message.clientId);
    this.open.get(message.thread)?.heard(type, message);
    this.#undo(message);
  }

  #undo(message) {
    if (!message.clientId || !this.undone.delete(message.clientId)) return;
    const recalled = this.desk.api.post(`messages/${message.id}/recall`);
    recalled.then((now) => this.open.get(now.thread)?.take([now])).catch((error) => this.desk.fail(error));
  }
}
