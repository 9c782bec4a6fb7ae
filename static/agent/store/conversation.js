/** One conversation: its messages by seq, which has no gaps, so that what is missing is known and asked for. */

import {batch, signal} from "@preact/signals";
import {Writing} from "./writing.js";

const PAGE = 50;
const READ = 300; // ms after which what was seen is told to the desk
const TYPES = 6_000; // ms for which somebody is held to be writing

export class Conversation {
  /** @param {import("../desk.js").Desk} desk @param {string} id of the thread */
  constructor(desk, id) {
    Object.assign(this, {desk, id});
    this.messages = signal([]); // by seq
    /** @type {import("@preact/signals").Signal<"idle"|"loading"|"ready"|"gone"|"forbidden"|"failed">} */
    this.state = signal("idle");
    this.problem = signal(null);
    this.next = signal(""); // the path of the page before the first message loaded
    this.marker = signal(null); // the seq that was read when news came: a line is drawn below it
    this.typing = signal(null); // {by, content, name}
    this.writing = new Writing(desk, this);
  }

  /** Load the newest page, and the conversation's own object. */
  async load() {
    this.state.value = "loading";
    const path = `messages/list?thread=${encodeURIComponent(this.id)}&ordering=-seq&limit=${PAGE}`;
    try {
      const known = this.desk.threads.peek(this.id);
      const [page, thread] = await Promise.all([this.desk.api.list(path), known ?? this.desk.threads.fetch(this.id)]);
      batch(() => {
        this.next.value = page.next;
        if (thread.unreadCount > 0) this.marker.value = thread.lastSeq - thread.unreadCount;
        this.state.value = "ready";
        this.take(page.items);
      });
      // What was said while the page was on its way.
      if ((this.desk.threads.peek(this.id)?.lastSeq ?? 0) > (page.items[0]?.seq ?? 0)) this.catchUp();
    } catch (error) {
      this.problem.value = error.problem ?? {code: error.code};
      this.state.value = error.status === 404 || error.status === 400 ? "gone" : error.status === 403 ? "forbidden" : "failed";
    }
  }

  /** Load the page of messages before the first one. */
  async older() {
    const path = this.next.peek();
    if (!path || this.loading) return;
    this.loading = true;
    try {
      const page = await this.desk.api.list(path);
      batch(() => {
        this.next.value = page.next;
        this.take(page.items);
      });
    } catch {
      // Scrolling on asks again.
    } finally {
      this.loading = false;
    }
  }

  /** Ask for what came after the last message there is. */
  async catchUp() {
    if (this.state.peek() === "failed") return this.load();
    if (this.state.peek() !== "ready" || this.catching) return;
    this.catching = true;
    try {
      for (let more = true; more; ) {
        const after = this.messages.peek().at(-1)?.seq ?? 0;
        const page = await this.desk.api.list(`messages/list?thread=${encodeURIComponent(this.id)}&after=${after}&limit=200`);
        this.#news(page.items);
        more = page.items.length === 200;
      }
    } catch {
      // The next event or connection asks again.
    } finally {
      this.catching = false;
    }
  }

  /** An event of the feed. */
  heard(type, message) {
    if (this.state.peek() !== "ready") return;
    if (type !== "message.created") {
      if (this.messages.peek().some(({id}) => id === message.id)) this.take([message]);
      return;
    }
    if (message.user?.type !== "agent") this.typing.value = null;
    const last = this.messages.peek().at(-1)?.seq ?? 0;
    if (message.seq > last + 1) this.catchUp();
    else this.#news([message]);
  }

  /** A whisper: somebody writes. */
  typed({by, content = "", typing = content !== "", user}) {
    clearTimeout(this.silence);
    if (by === "agent" && user?.id === this.desk.profile.peek()?.id) return;
    this.typing.value = typing ? {by, content, name: user?.nickname ?? ""} : null;
    if (typing) this.silence = setTimeout(() => (this.typing.value = null), TYPES);
  }

  /** This agent may see the conversation no more. */
  leave() {
    clearTimeout(this.reading);
    batch(() => {
      this.messages.value = [];
      this.state.value = "gone";
    });
  }

  /** The newest message is before the agent's eyes. */
  seen() {
    const last = this.messages.peek().at(-1)?.seq ?? 0;
    const thread = this.desk.threads.peek(this.id);
    if (!thread?.unreadCount || !last) return;
    this.desk.threads.read(this.id, last);
    clearTimeout(this.reading);
    this.reading = setTimeout(() => this.desk.clearUnread(this.id, last).catch(() => {}), READ);
  }

  /** Take a message back. Rejects with the desk's refusal. */
  async recall(message) {
    this.take([await this.desk.api.post(`messages/${message.id}/recall`)]);
  }

  /** The agent goes elsewhere: what was read will be no news when it comes back. */
  left() {
    this.marker.value = null;
  }

  take(found) {
    const all = new Map(this.messages.peek().map((each) => [each.id, each]));
    for (const each of found) all.set(each.id, {...all.get(each.id), ...each});
    this.messages.value = [...all.values()].sort((one, other) => one.seq - other.seq);
  }

  #news(found) {
    const before = this.messages.peek().at(-1)?.seq ?? 0;
    const me = this.desk.profile.peek()?.id;
    const fresh = found.filter((each) => each.seq > before && each.user?.id !== me && each.type !== "system");
    const looking = document.visibilityState === "visible" && document.hasFocus() && this.desk.place.peek().thread === this.id;
    batch(() => {
      if (fresh.length && !looking && this.marker.peek() === null) this.marker.value = fresh[0].seq - 1;
      this.take(found);
    });
  }
}
