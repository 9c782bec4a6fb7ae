/**
 * The iframe protocol of the agent workstation. Events go to the one exact origin that frames this page and that the
 * session allows; commands are obeyed only from that origin and from `window.parent` itself. Never `*`.
 */

const SOURCE = "bytedesk-desktop";
const STATUSES = new Set(["AVAILABLE", "BUSY", "OFFLINE"]);
const THEMES = new Set(["auto", "light", "dark"]);
const NEEDS = {inbox: "", thread: "thread", ticket: "ticket", badge: "", stats: ""}; // what a view is of
const UID = /^[\w-]{1,64}$/;
const SETS = {
  update_agent_status_available: "AVAILABLE",
  update_agent_status_busy: "BUSY",
  update_agent_status_offline: "OFFLINE",
};

export const framed = window.parent !== window;

/** What a command says when it cannot be done; its text is the `error` of the `ack`. */
class Malformed extends Error {}

/** Return the origin of a URL, or "" where it has none. */
function originOf(url) {
  try {
    const {origin} = new URL(url);
    return origin === "null" ? "" : origin;
  } catch {
    return "";
  }
}

/**
 * Return the origin of the page that frames this one, or "" where it may not be told anything.
 *
 * `ancestorOrigins` is the browser's own word; elsewhere the login said who framed it, or the referrer does. A session
 * without a domain list (`*`) answers to the origin that framed it at login and to no other.
 */
export function parentOrigin(session) {
  const embedder = originOf(session.embedder);
  const now = originOf(window.location.ancestorOrigins?.[0]) || embedder || originOf(document.referrer);
  if (now === location.origin) return now;
  if (!now || !session.allowsParent(now)) return "";
  const anyone = session.parentOrigins.includes("*");
  return anyone && embedder && embedder !== now ? "" : now;
}

const person = (given) => given && {uid: given.uid ?? given.id, nickname: given.nickname, avatar: given.avatar};

/** Return what the parent page learns of a conversation: the protocol's fields, and nothing that is the desk's own. */
export function toldOf(thread) {
  const {id, uid = id, topic, type, state, content, unreadCount, createdAt, updatedAt, user, agent} = thread;
  const who = agent && {...person(agent), status: agent.status};
  return {uid, id, topic, type, state, user: person(user), agent: who, content, unreadCount, createdAt, updatedAt};
}

/** The parent page, as the workstation talks to it. Does nothing where the page is not framed. */
export class Parent {
  /**
   * @param {object} actions what commands do: `{setStatus(status), refreshThreads(), clearUnread(threadUid),
   *   openThread(threadUid), show({view, id}), renew(accessToken), configure({theme, autoHeight})}`, each returning a promise (or
   *   nothing) that rejects with a `.code` or a message
   */
  constructor(session, actions) {
    this.actions = actions;
    this.origin = framed ? parentOrigin(session) : "";
    this.named = new Set();
    // Where the browser does not say who frames us, the first command does: its origin is the browser's word too.
    this.unknown = framed && !this.origin && !originOf(window.location.ancestorOrigins?.[0]) && !session.embedder;
    this.session = session;
    this.listener = (event) => this.#hear(event);
    if (framed) window.addEventListener("message", this.listener);
  }

  /** Tell the parent: `{type, data, timestamp, source}`. */
  send(type, data = {}) {
    if (!this.origin) return;
    window.parent.postMessage({type, data, timestamp: Date.now(), source: SOURCE}, this.origin);
  }

  close() {
    window.removeEventListener("message", this.listener);
  }

  #hear({source, origin, data}) {
    if (source !== window.parent) return;
    if (this.unknown && this.session.allowsParent(origin) && !this.session.parentOrigins.includes("*")) {
      this.origin = origin;
      this.unknown = false;
    }
    if (!this.origin || origin !== this.origin) return;
    if (typeof data !== "object" || data === null || typeof data.type !== "string") {
      // Other libraries of the parent post their own messages here; that is no mistake of anybody.
      return this.#name("a message that is no {type, data}");
    }
    this.#obey(data);
  }

  async #obey({type, data, id}) {
    let work;
    try {
      work = this.#work(type, data);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.#name(error.message);
      return this.#acknowledge(id, error.message);
    }
    try {
      await work;
      this.#acknowledge(id);
    } catch (error) {
      this.#acknowledge(id, error.code || error.message);
    }
  }

  #work(type, data) {
    if (Object.hasOwn(SETS, type)) return this.actions.setStatus(SETS[type]);
    switch (type) {
      case "update_agent_status":
        if (!STATUSES.has(data?.status)) throw new Malformed("update_agent_status without a known status");
        return this.actions.setStatus(data.status);
      case "refresh_threads":
        return this.actions.refreshThreads();
      case "clear_unread_count":
        return this.actions.clearUnread(threadOf(type, data));
      case "open_thread":
        return this.actions.openThread(threadOf(type, data));
      case "show":
        return this.actions.show(shownOf(data));
      case "renew_session":
        if (typeof data?.accessToken !== "string") throw new Malformed("renew_session without an accessToken");
        return this.actions.renew(data.accessToken);
      case "configure":
        if (typeof data !== "object" || data === null || (data.theme !== undefined && !THEMES.has(data.theme))) {
          throw new Malformed("configure without a known theme");
        }
        return this.actions.configure({theme: data.theme, autoHeight: data.autoHeight === true});
      default:
        throw new Malformed(`the unknown command ${type.slice(0, 60)}`);
    }
  }

  #acknowledge(id, error) {
    if (typeof id !== "string" && typeof id !== "number") return;
    this.send("ack", error ? {id, ok: false, error} : {id, ok: true});
  }

  /** Name what was ignored, once each. */
  #name(what) {
    if (this.named.has(what) || this.named.size > 50) return;
    this.named.add(what);
    console.debug(`Inlay ignored ${what} from the parent page.`);
  }
}

function threadOf(type, data) {
  if (typeof data?.threadUid !== "string" || !UID.test(data.threadUid)) throw new Malformed(`${type} without a threadUid`);
  return data.threadUid;
}

/** What a `show` asks for: `{view, thread?, ticket?}`. */
function shownOf(data) {
  const {view} = data ?? {};
  if (!Object.hasOwn(NEEDS, view)) throw new Malformed("show without a known view");
  if (!NEEDS[view]) return {view};
  const id = data[NEEDS[view]];
  if (typeof id !== "string" || !UID.test(id)) throw new Malformed(`show without a ${NEEDS[view]}`);
  return {view, id};
}

/** Tell whoever frames this page why it cannot open. The code is no secret, and frame-ancestors chose who frames it. */
export function sendEmbedError(code, detail) {
  const origin = originOf(window.location.ancestorOrigins?.[0]) || originOf(document.referrer);
  if (!framed || !origin) return;
  window.parent.postMessage({type: "embed_error", data: {code, detail}, timestamp: Date.now(), source: SOURCE}, origin);
}
