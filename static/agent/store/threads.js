/**
 * Every conversation the page knows, once each, kept true by events; and the lists that show them.
 * A list is loaded page by page; after that an event moves, adds or removes the one conversation it is about.
 */

import {batch, signal} from "@preact/signals";
import {amongColleagues} from "./kinds.js";
import {ThreadList, sources} from "./threadlist.js";

const GATHER = 150; // ms in which unknown conversations are gathered before they are asked for
const MANY = 5; // unknown ones at once: then the lists are loaded anew instead

export class Threads {
  /** @param {import("../desk.js").Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.known = new Map(); // id → signal of the thread, or of null
    this.version = signal(0); // moves with every change: for figures over all of them
    this.lists = {};
    this.filtered = signal(null); // a list that a search or filters made
    this.unknown = new Set();
    desk.on("thread.*", (event) => this.#threadEvent(event));
    desk.on("message.*", (event) => this.#messageEvent(event));
  }

  /** The signal of one conversation; it holds null while nothing is known of it. */
  watch(id) {
    let found = this.known.get(id);
    if (!found) this.known.set(id, (found = signal(null)));
    return found;
  }

  /** What is known of a conversation now. */
  peek(id) {
    return this.known.get(id)?.peek() ?? null;
  }

  /** One of the standing lists: mine, queue, team, all. */
  list(name) {
    return (this.lists[name] ??= new ThreadList(this, name, sources(name, this.desk)));
  }

  /** Every list that is open. */
  get open() {
    return [...Object.values(this.lists), ...(this.filtered.peek() ? [this.filtered.peek()] : [])];
  }

  /** Ask the desk for one conversation and remember it. */
  async fetch(id) {
    return this.put(await this.desk.api.get(`threads/${encodeURIComponent(id)}`), {whole: true});
  }

  /** Load the first pages of the open lists again; what else is loaded stays. */
  reload() {
    return Promise.all(this.open.map((each) => each.load()));
  }

  /**
   * Remember a conversation as an answer or an event shows it; an older word never replaces a newer one.
   * `whole`: it was asked for by this user, so its unreadCount counts.
   */
  put(thread, {whole = false} = {}) {
    const place = this.watch(thread.id);
    const before = place.peek();
    if (before && new Date(thread.updatedAt) < new Date(before.updatedAt)) return before;
    const read = before ? before.lastSeq - before.unreadCount : 0;
    const unread = whole && thread.unreadCount !== undefined ? thread.unreadCount : Math.max(0, thread.lastSeq - read);
    this.#set({...before, ...thread, unreadCount: unread}, !whole);
    return place.peek();
  }

  /** Change what is known of one conversation, before or because the desk says so. */
  patch(id, changes) {
    const before = this.peek(id);
    if (before) this.#set({...before, ...changes}, true);
  }

  /** Forget a conversation that this agent may see no more. */
  remove(id) {
    batch(() => {
      for (const each of this.open) each.remove(id);
      const place = this.known.get(id);
      if (place) place.value = null;
      this.version.value += 1;
    });
  }

  /** The user has read up to a seq. */
  read(id, seq) {
    const thread = this.peek(id);
    if (!thread) return;
    const unreadCount = Math.max(0, Math.min(thread.unreadCount, thread.lastSeq - seq));
    if (unreadCount !== thread.unreadCount) this.patch(id, {unreadCount});
  }

  /** Whether a conversation is this agent's business: its own, one it was invited to, or a colleague's word to it. */
  isMine(thread) {
    const me = this.desk.profile.peek()?.id;
    if (thread.type === "TICKET") return false;
    return thread.type === "MEMBER" || thread.agent?.id === me || !!thread.participants?.some(({id}) => id === me);
  }

  /** Whether what is new in a conversation is for this agent to read: it is its own, or waits for anybody. */
  counts(thread) {
    return thread.state !== "closed" && thread.type !== "TICKET" && (thread.state === "queued" || this.isMine(thread));
  }

  /** The conversations with something new for this agent. */
  unread() {
    this.version.value;
    const found = [];
    for (const place of this.known.values()) {
      const thread = place.peek();
      if (thread?.unreadCount > 0 && this.counts(thread)) found.push(thread);
    }
    return found;
  }

  #set(thread, isNews) {
    batch(() => {
      this.watch(thread.id).value = thread;
      for (const each of this.open) each.place(thread, isNews);
      this.version.value += 1;
    });
  }

  #threadEvent({type, objectId, data}) {
    if (type === "thread.moved_away") return this.remove(objectId);
    if (type === "thread.read") return this.read(data.thread, data.seq);
    if (type === "thread.read_by_visitor") return this.#reaches(data, "visitorReadSeq");
    if (type === "thread.delivered") return this.#reaches(data, "visitorDeliveredSeq");
    const {user, ...thread} = data?.thread ?? {};
    // Who is on the other side of what two colleagues say depends on who asks, and what is new of what a group has
    // said on when one came: an event does not know.
    const knows = !amongColleagues(thread) || this.peek(thread.id);
    if (thread.id && knows) this.put(thread.type === "MEMBER" ? thread : data.thread);
    else this.#ask(objectId);
  }

  #reaches({thread, seq}, name) {
    const known = this.peek(thread);
    if (known && seq > (known[name] ?? 0)) this.patch(thread, {[name]: seq});
  }

  #messageEvent({type, data}) {
    const known = this.peek(data.thread);
    if (!known) return this.#ask(data.thread);
    if (type !== "message.created") {
      const last = data.visibility === "public" && data.seq === known.lastSeq;
      if (last) this.patch(known.id, {content: data.content});
      return;
    }
    if (data.seq <= known.lastSeq) return;
    const own = data.user?.id === this.desk.profile.peek()?.id;
    const shown = data.visibility === "public" ? {content: previewOf(data)} : {};
    this.patch(known.id, {
      ...shown,
      ...waits(known, data),
      lastSeq: data.seq,
      lastMessageAt: data.createdAt,
      updatedAt: data.createdAt,
      unreadCount: own ? 0 : known.unreadCount + data.seq - known.lastSeq,
    });
  }

  #ask(id) {
    if (!id) return;
    this.unknown.add(id);
    this.asking ??= setTimeout(() => {
      this.asking = null;
      const ids = [...this.unknown];
      this.unknown.clear();
      if (ids.length > MANY) this.reload().catch(() => {});
      else for (const each of ids) this.fetch(each).catch(() => {});
    }, GATHER);
  }
}

/** Who has been waiting since when, as the desk will say it: a visitor's word begins it, an answer ends it. */
function waits(thread, message) {
  if (!("waitingSince" in thread) || message.visibility !== "public" || message.type === "system") return {};
  if (message.user?.type === "visitor") return {waitingSince: thread.waitingSince ?? message.createdAt};
  return {waitingSince: null};
}

const previewOf = ({type, content}) => (["text", "system", "card"].includes(type) ? content.slice(0, 200) : `[${type}]`);
