/**
 * One conversation: its messages by seq, which has no gaps, so that what is missing is known and asked for. What is
 * loaded lies together: mostly the newest, or what is around a message that was looked for (`later` then says so).
 */

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
    this.later = signal(false); // whether there are messages after the last one loaded, which are not followed
    this.target = signal(null); // {seq, focus, quiet}: the message that is to be shown now; quiet: without a frame around it
    this.finding = signal(null); // {words}: what is looked for in here
    this.marker = signal(null); // the seq that was read when news came: a line is drawn below it
    this.typing = signal(null); // {by, content, name}
    this.writing = new Writing(desk, this);
  }

  /** Load the newest page, and the conversation's own object. */
  load() {
    this.state.value = "loading";
    return (this.opened = this.#load());
  }

  async #load() {
    try {
      const known = this.desk.threads.peek(this.id);
      const [page, thread] = await Promise.all([this.desk.api.list(this.#path(`ordering=-seq&limit=${PAGE}`)), known ?? this.desk.threads.fetch(this.id)]);
      batch(() => {
        this.next.value = page.next;
        if (thread.unreadCount > 0) this.marker.value = thread.lastSeq - thread.unreadCount;
        this.state.value = "ready";
        this.take(page.items);
      });
      this.#missed();
    } catch (error) {
      this.problem.value = error.problem ?? {code: error.code};
      this.state.value = error.status === 404 || error.status === 400 ? "gone" : error.status === 403 ? "forbidden" : "failed";
    }
  }

  /**
   * Show the message of a seq: where it is not loaded, what is around it takes the place of what is. From there one
   * reads on both ways, and `newest` leads back. Rejects with the desk's refusal.
   */
  async show(seq, {focus = false, quiet = false} = {}) {
    this.wanted = seq;
    await this.opened;
    if (this.state.peek() !== "ready" || this.wanted !== seq) return;
    const target = {seq, focus, quiet};
    if (this.messages.peek().some((each) => each.seq === seq)) {
      this.target.value = target;
      return;
    }
    const from = Math.max(0, seq - 1 - PAGE / 2);
    const page = await this.desk.api.list(this.#path(`after=${from}&limit=${PAGE}`));
    if (this.wanted !== seq) return; // another one by now
    batch(() => {
      this.messages.value = [];
      this.later.value = page.items.length === PAGE;
      this.next.value = this.#before(page.items[0]?.seq ?? 1);
      this.take(page.items);
      this.target.value = target;
    });
    if (!this.later.peek()) this.#missed();
  }

  /** Go back to the newest messages, which are followed again. Rejects with the desk's refusal. */
  async newest() {
    if (!this.later.peek()) return;
    this.wanted = null;
    const page = await this.desk.api.list(this.#path(`ordering=-seq&limit=${PAGE}`));
    batch(() => {
      this.messages.value = [];
      this.later.value = false;
      this.next.value = page.next;
      this.take(page.items);
    });
    this.#missed();
  }

  /** Load the page of messages after the last one, where what is loaded is not the newest. */
  async newer() {
    if (!this.later.peek() || this.loading) return;
    this.loading = true;
    try {
      const last = this.messages.peek().at(-1)?.seq ?? 0;
      const page = await this.desk.api.list(this.#path(`after=${last}&limit=${PAGE}`));
      if (this.messages.peek().at(-1)?.seq !== last) return; // somewhere else by now
      batch(() => {
        this.later.value = page.items.length === PAGE;
        this.take(page.items, true);
      });
      if (!this.later.peek()) this.#missed();
    } catch {
      // Scrolling on asks again.
    } finally {
      this.loading = false;
    }
  }

  #path(rest) {
    return `messages/list?thread=${encodeURIComponent(this.id)}&${rest}`;
  }

  /** The path of the page before a seq: a list has no such parameter, but seqs have no gaps. */
  #before(seq) {
    return seq > 1 ? this.#path(`after=${Math.max(0, seq - 1 - PAGE)}&limit=${Math.min(PAGE, seq - 1)}`) : "";
  }

  /** What was said while a page was on its way. */
  #missed() {
    if ((this.desk.threads.peek(this.id)?.lastSeq ?? 0) > (this.messages.peek().at(-1)?.seq ?? 0)) this.catchUp();
  }

  /** Load the page of messages before the first one. */
  async older() {
    const path = this.next.peek();
    if (!path || this.loading) return;
    this.loading = true;
    try {
      const page = await this.desk.api.list(path);
      if (this.next.peek() !== path) return; // somewhere else by now
      batch(() => {
        this.next.value = path.includes("after=") ? this.#before(page.items[0]?.seq ?? 1) : page.next;
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
    if (this.state.peek() !== "ready" || this.catching || this.later.peek()) return;
    this.catching = true;
    try {
      for (let more = true; more; ) {
        const after = this.messages.peek().at(-1)?.seq ?? 0;
        const page = await this.desk.api.list(this.#path(`after=${after}&limit=200`));
        if (this.later.peek()) return;
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
    if (this.later.peek()) return; // it comes with its page
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
    if (this.later.peek()) return;
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
    this.finding.value = null;
    this.target.value = null;
  }

  /** Remember messages; `follows`: they go on where those that are loaded end. */
  take(found, follows = false) {
    const before = this.messages.peek();
    const all = new Map(before.map((each) => [each.id, each]));
    // Beyond what is loaded there would be a gap.
    const end = this.later.peek() && !follows && before.length ? before.at(-1).seq : Infinity;
    for (const each of found) if (each.seq <= end) all.set(each.id, {...all.get(each.id), ...each});
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
