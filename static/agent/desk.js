/**
 * What the page knows and does, and what its panels are built on. A panel gets `desk` and uses:
 *
 *   desk.profile       signal: the user (`/api/user/profile`), or null while it is loaded; `desk.may(scope)`, `desk.leads`
 *   desk.api           `get(path)`, `list(path)` → `{items, next, total, more}`, `post|put(path, body)`, `delete(path)`,
 *                      `upload(path, file, {onProgress, signal})`; paths as `threads/list?…` (below /api/). Each rejects
 *                      with a Refusal: `{code, status, detail, problem, passes}`; a dead session ends the page by itself
 *   desk.on(type, fn)  hears the feed: `fn({id, type, objectId, data, …})` for a type, `thread.*`, or `*`; returns what
 *                      ends it. Whispers (`whisper.typing`) come as `fn(data)`; `resync` says that events may have been
 *                      missed: load anew what you show
 *   desk.place         signal: where the agent is, `{view: "threads"|"tickets"|"overview", list, thread, ticket}`
 *   desk.select(to)    goes there: `{thread: id}`, `{ticket: id}`, `{view}`, `{list: "mine"|"queue"|"team"|"all"}`
 *   desk.threads       every conversation the page knows: `watch(id)` a signal of the object, `fetch(id)`, `put(object)`,
 *                      `patch(id, changes)`, `list(name)`
 *   desk.thread        signal: the object of the conversation that is shown, or null
 *   desk.say(text)     to who cannot see it; `desk.toast({text, tone: "plain"|"bad", action: {title, run}})` to all
 *   desk.fail(error)   shows a refusal as a toast, in words
 *   desk.shortcuts     `register({key, title, group, run, when})` → what takes it back; everything registered is a
 *                      command of the palette too. `provide(async (text, signal) => [{title, hint, group, run}])` answers
 *                      what is typed there
 *   desk.ask(name, props)  opens a dialog (view/dialogs.js) and resolves with what was chosen, or null
 *   desk.side          `shown` a signal, `toggle(on)`: the panel of details
 *   desk.prefs         signals: density, theme, sound, notifications, singleKeys, side
 *   desk.now           signal: the time, every ten seconds
 *
 * Components follow signals by reading `.value` (html.js). What a panel shows in a slot is named in parts.js. Words go
 * through gettext (i18n.js); pieces for faces, times, lists and empty states are in view/pieces.js.
 */

import {batch, computed, effect, signal} from "@preact/signals";
import {Api} from "./api.js";
import {Attention} from "./attention.js";
import {configure} from "./embedding.js";
import {Emitter} from "./emitter.js";
import {hold, release} from "./held.js";
import {gettext} from "./i18n.js";
import {Parent, toldOf} from "./parent.js";
import {openThread, showPart} from "./part.js";
import {placed, startingPlace} from "./place.js";
import {Prefs} from "./prefs.js";
import {problemText} from "./problems.js";
import {Shortcuts} from "./shortcuts.js";
import {Conversations} from "./store/conversations.js";
import {SidePanel} from "./store/side.js";
import {Status} from "./store/status.js";
import {Threads} from "./store/threads.js";
import {follow} from "./tabs.js";

const BEFORE_END = 5 * 60_000; // ms before the session's end at which the parent is told
const FIRST = 300; // ms the lists wait for the feed's position, so that nothing falls between the two
const TICK = 10_000;
const SLOW = 30_000; // ms between looks at the API where the feed is not for this token

export class Desk {
  #events = new Emitter();

  constructor(session) {
    this.session = session;
    this.api = new Api(session, (code) => this.end(code));
    this.profile = signal(session.user ?? null);
    this.connection = signal("connecting");
    this.ended = signal("");
    this.spoken = signal("");
    this.toasts = signal([]);
    this.dialog = signal(null);
    this.now = signal(Date.now());
    this.prefs = new Prefs();
    this.shortcuts = new Shortcuts(this.prefs);
    this.status = new Status(this);
    this.place = signal(startingPlace());
    this.side = new SidePanel(this);
    this.threads = new Threads(this);
    this.conversations = new Conversations(this);
    this.thread = computed(() => {
      const {view, thread} = this.place.value;
      return view === "threads" && thread ? this.threads.watch(thread).value : null;
    });
    this.unreadThreads = computed(() => this.threads.unread());
    this.unread = computed(() => this.unreadThreads.value.reduce((sum, {unreadCount}) => sum + unreadCount, 0));
    this.parent = new Parent(session, {
      setStatus: (status) => this.status.set(status),
      refreshThreads: () => this.threads.reload(),
      clearUnread: (thread) => this.clearUnread(thread),
      openThread: (thread) => openThread(this, thread),
      show: (to) => showPart(this, to),
      renew: (accessToken) => this.#renew(accessToken),
      configure: (wishes) => configure(this.parent, wishes),
    });
    this.on("ticket.*", (event) => this.#ticketEvent(event));
    this.on("thread.*", (event) => this.#tellThread(event));
    this.on("user.*", ({objectId, data}) => objectId === this.profile.peek()?.id && this.status.heard(data));
  }

  /** Load everything and keep it live. */
  async open() {
    let positioned = false;
    const opened = new Promise((resolve) => {
      this.feed = follow({
        shared: this.session.mode === "cookie" ? this.session.handle || `user-${this.session.user?.id}` : "",
        fetch: (path, options) => this.session.fetch(path, options),
        onEvent: (event) => this.#events.emit(event.type, event),
        onWhisper: (type, data) => this.#events.emit(`whisper.${type}`, data),
        onState: (state) => {
          const back = positioned && ["live", "polling"].includes(state) && this.connection.value === "connecting";
          this.connection.value = state;
          if (state === "connecting") return;
          if (back) this.#catchUp();
          positioned = true;
          resolve();
        },
        onEnded: (code) => this.end(code),
      });
    });
    // Before anything is waited for: a connection may be lost while the page loads, too.
    addEventListener("online", () => this.feed.hurry());
    addEventListener("offline", () => this.feed.drop());
    const profile = this.loadProfile();
    await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, FIRST))]);
    const early = !positioned;
    await profile;
    const lists = new Set(["mine", "queue", this.place.peek().list]);
    await Promise.all([...lists].map((name) => this.threads.list(name).load()));
    if (early) opened.then(() => this.#catchUp());
    this.attention = new Attention(this);
    this.#keepTime();
    this.#tellParent();
  }

  /** The session is over: nothing is asked any more, and the parent is told once. */
  end(code) {
    if (this.ended.value) return;
    this.ended.value = code || "session_ended";
    this.feed?.close();
    clearInterval(this.clock);
    clearTimeout(this.expiring);
    this.parent.send("session_ended", {code: this.ended.value});
    this.parent.close();
  }

  on(type, handler) {
    return this.#events.on(type, handler);
  }

  select(to) {
    this.place.value = placed(this.place.peek(), to);
  }

  /** Whether the token has a scope; what its user's role allows, the desk decides. */
  may(scope) {
    const scopes = this.profile.value?.token?.scopes;
    return !scopes || scopes.includes(scope);
  }

  /** Whether this is somebody who looks after others' work. */
  get leads() {
    return (this.profile.value?.roles ?? []).some((role) => role === "admin" || role === "supervisor");
  }

  async loadProfile() {
    const turn = this.status.asked;
    const profile = await this.api.get("user/profile").catch((error) => {
      if (error.status === 401) throw error;
      return null;
    });
    if (!profile) return;
    // The browser's cookie now belongs to somebody else (a second login in another tab): never mix two people.
    if (this.session.user?.id && profile.id !== this.session.user.id) return this.end("session_ended");
    batch(() => {
      this.profile.value = profile;
      // A status asked for meanwhile is newer than this answer.
      if (turn === this.status.asked) this.status.confirmed.value = profile.status;
    });
  }

  /** Mark a conversation read, up to a seq or all of it. */
  async clearUnread(id, seq) {
    await this.api.post(`threads/${encodeURIComponent(id)}/read`, seq ? {seq} : {});
    this.threads.read(id, seq ?? this.threads.peek(id)?.lastSeq ?? 0);
  }

  /** Say something to who cannot see it. */
  say(text) {
    // The same words twice are no change to a screen reader, unless they differ.
    this.spoken.value = this.spoken.peek() === text ? `${text}\u00a0` : text;
  }

  /** Show a short note at the edge; it goes by itself unless it asks for something. Returns what takes it away. */
  toast({text, tone = "plain", action = null, stay = action ? 9000 : 5000}) {
    const toast = {text, tone, action, key: Symbol()};
    const close = () => (this.toasts.value = this.toasts.peek().filter((each) => each !== toast));
    this.toasts.value = [...this.toasts.peek().slice(-2), Object.assign(toast, {close})];
    if (stay) setTimeout(close, stay);
    this.say(text);
    return close;
  }

  fail(error) {
    if (error.status !== 401) this.toast({text: problemText(error), tone: "bad"});
  }

  /** Open a dialog and wait for what is chosen there; null where it is left. */
  ask(name, props = {}) {
    this.dialog.peek()?.done(null);
    hold(); // what is typed until it stands is meant for it
    return new Promise((resolve) => {
      const done = (chosen) => {
        release();
        if (this.dialog.peek()?.done === done) this.dialog.value = null;
        resolve(chosen);
      };
      this.dialog.value = {name, props, done};
    });
  }

  #catchUp() {
    this.threads.reload().catch(() => {});
    this.loadProfile().catch(() => {});
    this.#events.emit("resync", {});
  }

  #ticketEvent({type, data}) {
    if (type === "ticket.created") this.say(gettext("New ticket: %(title)s").replace("%(title)s", () => data.title ?? ""));
  }

  #tellThread({type, data}) {
    const thread = this.threads.peek(data?.thread?.id);
    if (!thread?.state || type === "thread.moved_away") return;
    const action = type.slice("thread.".length);
    if (action === "created" && ["AGENT", "WORKGROUP", "ROBOT"].includes(thread.type)) {
      this.parent.send("new_visitor_message", {thread: toldOf(thread)});
    } else if (action !== "created") {
      this.parent.send("thread_status_changed", {thread: toldOf(thread), action});
    }
  }

  #keepTime() {
    let last = Date.now();
    this.clock = setInterval(() => {
      const now = Date.now();
      if (now - last > 3 * TICK) this.feed.hurry(); // the computer slept
      last = this.now.value = now;
      if (this.connection.value === "refused" && now - (this.looked ?? 0) >= SLOW) {
        this.looked = now;
        this.#catchUp();
      }
    }, TICK);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "visible") return;
      this.now.value = Date.now();
      this.feed.hurry();
    });
    this.#announceEnd();
  }

  /** Go on with a token that the parent page has fetched. Rejects with the desk's `.code`; then all stays as it is. */
  async #renew(accessToken) {
    await this.session.renew(accessToken);
    this.#announceEnd();
  }

  /** Tell the parent before the session ends, so that it can fetch a fresh token. */
  #announceEnd() {
    clearTimeout(this.expiring);
    const left = new Date(this.session.expiresAt ?? NaN) - Date.now() - BEFORE_END;
    if (left < 2 ** 31) {
      const expiresAt = this.session.expiresAt;
      this.expiring = setTimeout(() => this.parent.send("session_expiring", {expiresAt}), Math.max(0, left));
    }
  }

  /** Who the agent is, in the protocol's words. */
  agentInfo() {
    const {uid, id, nickname, avatar, username, email, roles} = this.profile.peek() ?? {};
    return {uid: uid ?? id, nickname: nickname || username, avatar, username, email, roles};
  }

  #tellParent() {
    this.parent.send("ready", {status: this.status.confirmed.value, agentInfo: this.agentInfo()});
    let told = this.status.confirmed.value;
    effect(() => {
      const status = this.status.confirmed.value;
      if (status === told) return;
      told = status;
      this.parent.send("agent_status_changed", {status, agentInfo: this.agentInfo()});
    });
    let before = "";
    effect(() => {
      const totalUnreadCount = this.unread.value;
      const unreadThreads = this.unreadThreads.peek();
      const now = unreadThreads.map(({id, unreadCount}) => `${id}:${unreadCount}`).join();
      if (now === before && before) return;
      before = now || "-";
      this.parent.send("unread_message_count", {totalUnreadCount, unreadThreads: unreadThreads.map(toldOf)});
    });
  }
}
