/** What the page knows and does: who is signed in, the two lists, the status, and what the feed says of them. */

import {batch, computed, effect, signal} from "@preact/signals";
import {configure} from "./embedding.js";
import {fill, gettext} from "./i18n.js";
import {List} from "./lists.js";
import {Parent} from "./parent.js";
import {problemOf} from "./sse.js";
import {follow} from "./tabs.js";

export const STATUSES = ["AVAILABLE", "BUSY", "OFFLINE"];
const BEFORE_END = 5 * 60_000; // ms before the session's end at which the parent is told
const FIRST = 300; // ms the lists wait for the feed's position, so that nothing falls between the two
const SLOW = 30_000; // ms between looks at the API where the feed is not for this token
const SILENT = new Set(["thread.read", "thread.moved_away"]); // no news for the parent: reloading the list is all

export class Desk {
  constructor(session) {
    this.session = session;
    this.fetch = (path, options) => session.fetch(path, options).catch((error) => this.#caught(error));
    this.profile = signal(session.user ?? null);
    this.chosen = signal(null); // the status the agent has just asked for, until the desk says yes or no
    this.confirmed = signal(""); // the status the desk has
    this.status = computed(() => this.chosen.value ?? this.confirmed.value);
    this.statusProblem = signal("");
    this.connection = signal("connecting");
    this.ended = signal("");
    this.spoken = signal("");
    this.now = signal(Date.now());
    this.tickets = new List(this.fetch, "/api/tickets/list?limit=30&ordering=-updatedAt");
    this.threads = new List(this.fetch, "/api/threads/list?limit=30&ordering=-updatedAt");
    this.unread = computed(() => this.threads.items.value.reduce((sum, each) => sum + (each.unreadCount || 0), 0));
    this.asked = 0; // how many statuses this page has asked for; the last one counts
    this.doubted = false; // somebody else changed the status while our own wish was on its way
    this.parent = new Parent(session, {
      setStatus: (status) => this.setStatus(status),
      refreshThreads: () => this.threads.load(),
      clearUnread: (thread) => this.clearUnread(thread),
      renew: (accessToken) => this.#renew(accessToken),
      configure: (wishes) => configure(this.parent, wishes),
    });
  }

  /** Load everything and keep it live. */
  async open() {
    let positioned = false;
    const opened = new Promise((resolve) => {
      this.feed = follow({
        shared: this.session.mode === "cookie" ? this.session.handle || `user-${this.session.user?.id}` : "",
        fetch: (path, options) => this.session.fetch(path, options),
        onEvent: (event) => this.#event(event),
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
    const profile = this.loadProfile();
    await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, FIRST))]);
    const early = !positioned;
    await Promise.all([profile, this.tickets.load(), this.threads.load()]);
    if (early) opened.then(() => this.#catchUp());
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

  async loadProfile() {
    const turn = this.asked;
    this.doubted = false;
    const response = await this.fetch("/api/user/profile");
    if (!response.ok) return;
    const profile = await response.json();
    // The browser's cookie now belongs to somebody else (a second login in another tab): never mix two people.
    if (this.session.user?.id && profile.id !== this.session.user.id) return this.end("session_ended");
    batch(() => {
      this.profile.value = profile;
      // A status asked for meanwhile is newer than this answer.
      if (turn === this.asked) this.confirmed.value = profile.status;
    });
  }

  /** Set the agent's status: shown at once, taken back if the desk refuses. Rejects with the desk's `.code`. */
  async setStatus(status) {
    const turn = ++this.asked;
    batch(() => {
      this.chosen.value = status;
      this.statusProblem.value = "";
    });
    try {
      const response = await this.fetch("/api/user/profile", {
        method: "PUT",
        headers: {"Content-Type": "application/json"},
        body: JSON.stringify({status}),
      });
      if (!response.ok) throw refusal(await problemOf(response));
      const profile = await response.json();
      batch(() => {
        // Only the last choice counts when an agent changes their mind quickly.
        if (turn !== this.asked) return;
        this.profile.value = profile;
        this.confirmed.value = profile.status;
        this.chosen.value = null;
      });
    } catch (error) {
      if (turn === this.asked) {
        this.chosen.value = null;
        this.statusProblem.value = gettext("The status could not be changed. Please try again.");
      }
      throw error;
    } finally {
      if (turn === this.asked && this.doubted) this.loadProfile().catch(() => {});
    }
  }

  /** Mark a thread read. */
  async clearUnread(thread) {
    const response = await this.fetch(`/api/threads/${encodeURIComponent(thread)}/read`, {
      method: "POST",
      headers: {"Content-Type": "application/json"},
      body: "{}",
    });
    if (!response.ok) throw refusal(await problemOf(response));
    this.threads.patch(thread, {unreadCount: 0});
  }

  /** Say something to who cannot see it. */
  say(text) {
    this.spoken.value = text;
  }

  #caught(error) {
    if (error.status === 401) this.end(error.code);
    throw error;
  }

  #catchUp() {
    this.tickets.load().catch(() => {});
    this.threads.load().catch(() => {});
    this.loadProfile().catch(() => {});
  }

  #event({type, objectId, data}) {
    const [family, what] = type.split(".");
    if (family === "ticket") {
      if (what === "created") this.say(fill(gettext("New ticket: %(title)s"), {title: data.title ?? ""}));
      this.tickets.load().catch(() => {});
    } else if (family === "thread" || family === "message") {
      this.#threadEvent(type, objectId);
    } else if (family === "user" && objectId === this.profile.value?.id) {
      this.#ownEvent(data);
    }
  }

  async #threadEvent(type, id) {
    await this.threads.load().catch(() => {});
    const thread = this.threads.items.value.find((each) => each.id === id);
    if (!thread || !type.startsWith("thread.") || SILENT.has(type)) return;
    const action = type.slice("thread.".length);
    const visitor = thread.type === "AGENT" || thread.type === "WORKGROUP";
    if (action !== "created") this.parent.send("thread_status_changed", {thread, action});
    else if (visitor) this.parent.send("new_visitor_message", {thread});
  }

  /** Our own user changed. Events of quick changes may come late, so the profile is asked how it is now. */
  #ownEvent(data) {
    if (data?.status === this.status.value) return;
    if (this.chosen.value) this.doubted = true;
    else this.loadProfile().catch(() => {});
  }

  #keepTime() {
    this.clock = setInterval(() => {
      this.now.value = Date.now();
      if (this.connection.value === "refused") this.#catchUp();
    }, SLOW);
    addEventListener("online", () => this.feed.hurry());
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
    this.parent.send("ready", {status: this.confirmed.value, agentInfo: this.agentInfo()});
    let told = this.confirmed.value;
    effect(() => {
      const status = this.confirmed.value;
      if (status === told) return;
      told = status;
      this.parent.send("agent_status_changed", {status, agentInfo: this.agentInfo()});
    });
    effect(() => {
      const totalUnreadCount = this.unread.value;
      const unreadThreads = this.threads.items.peek().filter(({unreadCount}) => unreadCount > 0);
      this.parent.send("unread_message_count", {totalUnreadCount, unreadThreads});
      document.title = totalUnreadCount ? `(${totalUnreadCount}) Inlay` : "Inlay";
    });
  }
}

function refusal(problem) {
  return Object.assign(new Error(problem.detail || problem.code), {code: problem.code, status: problem.status});
}
