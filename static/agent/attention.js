/** Calls an agent who looks elsewhere: the page's title, a short sound, and a notification of the system where allowed. */

import {effect} from "@preact/signals";
import {beep} from "../shared/sound.js";
import {fill, gettext, ngettext} from "./i18n.js";
import {isVisit} from "./store/kinds.js";
import {nameOf, nameOfUser} from "./view/people.js";

const LONG = 60_000; // ms away after which it is said what happened meanwhile
const WAITS = new Set(["created", "transferred", "handed_over", "requeued", "overflowed", "reopened"].map((action) => `thread.${action}`));
const TAKEN = new Set(["thread.accepted", "thread.taken_over", "thread.reopened"]); // by the agent's own hand
const GATHER = 1_500; // ms in which what was missed arrives

export class Attention {
  /** @param {import("./desk.js").Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.mine = new Set(desk.threads.list("mine").ids.peek());
    this.missed = null; // {since, messages, threads, queued} while nobody looks
    const wake = () => {
      // Browsers let a page sound only after its reader has done something.
      this.audio ??= new AudioContext();
      this.audio.resume().catch(() => {});
    };
    for (const type of ["pointerdown", "keydown"]) addEventListener(type, wake, {once: true});
    effect(() => {
      const unread = desk.unread.value;
      document.title = unread ? `(${unread}) Inlay` : "Inlay";
    });
    desk.on("message.created", ({data}) => this.#message(data));
    desk.on("thread.*", (event) => this.#thread(event));
    document.addEventListener("visibilitychange", () => this.#turned());
    effect(() => this.#turned(desk.connection.value));
    let last = Date.now();
    effect(() => {
      const now = desk.now.value;
      if (now - last > LONG) this.#away(last); // the computer slept
      last = now;
      this.#turned();
    });
  }

  get looking() {
    return document.visibilityState === "visible" && document.hasFocus();
  }

  #message(message) {
    const thread = this.desk.threads.peek(message.thread);
    const own = message.user?.id === this.desk.profile.peek()?.id;
    if (own || message.type === "system" || !thread || !this.desk.threads.counts(thread)) return;
    if (this.missed) {
      this.missed.messages += 1;
      this.missed.threads.add(thread.id);
    }
    const name = nameOf(thread);
    const text = message.type === "text" ? message.content : gettext("sent a file");
    const who = thread.type === "GROUP" ? `${nameOfUser(message.user)}: ` : "";
    if (this.looking && this.desk.place.peek().thread === thread.id) return this.desk.say(`${name}: ${who}${text}`);
    this.#call(name, who + text, thread.id);
  }

  /** Somebody has begun to wait, or was given to this agent. */
  #thread({type, objectId, actor, data}) {
    if (data?.thread?.type === "GROUP") return this.#group(type, actor, data.thread);
    const thread = this.desk.threads.peek(objectId);
    if (!isVisit(thread)) return;
    const own = thread.state === "open" && this.desk.threads.isMine(thread);
    const given = own && !this.mine.has(objectId) && !TAKEN.has(type);
    if (own) this.mine.add(objectId);
    else this.mine.delete(objectId);
    const waits = thread.state === "queued" && WAITS.has(type);
    if (!given && !waits) return;
    if (this.missed && waits) this.missed.queued += 1;
    const name = nameOf(thread);
    this.desk.say(fill(given ? gettext("%(name)s was given to you.") : gettext("%(name)s waits in the queue."), {name}));
    if (given || !this.looking) this.#call(name, given ? gettext("was given to you") : gettext("waits in the queue"), objectId);
  }

  /** A colleague has begun a group with this agent, or taken it into one. */
  #group(type, actor, {id, topic, participants}) {
    const me = this.desk.profile.peek()?.id;
    const added = type === "thread.created" || (type === "thread.invited" && participants.at(-1)?.id === me);
    if (!added || actor?.id === me) return;
    this.desk.say(fill(gettext("You are in the group %(name)s now."), {name: topic}));
    this.#call(topic, gettext("You are in this group now"), id);
  }

  /** Of several tabs of one desk, one calls. */
  #call(title, body, id) {
    const call = () => {
      if (this.desk.prefs.sound.peek() && this.audio?.state === "running") beep(this.audio);
      if (!this.looking && this.desk.prefs.notifications.peek()) notify(title, body, id, this.desk);
    };
    if (!navigator.locks) return call();
    navigator.locks
      .request("inlay-call", {ifAvailable: true}, async (lock) => {
        if (!lock) return;
        call();
        await new Promise((resolve) => setTimeout(resolve, 800));
      })
      .catch(call);
  }

  #away(since) {
    this.missed ??= {since, messages: 0, threads: new Set(), queued: 0};
  }

  #turned() {
    const {desk} = this;
    const here = document.visibilityState === "visible" && desk.connection.peek() !== "connecting";
    if (!here) return this.#away(Date.now());
    if (!this.missed || this.telling) return;
    this.telling = setTimeout(() => {
      this.telling = null;
      if (document.visibilityState !== "visible") return;
      const {since, messages, threads, queued} = this.missed ?? {};
      this.missed = null;
      if (Date.now() - since < LONG || !(messages || queued)) return;
      const said = [
        messages && fill(ngettext("%(n)s new message", "%(n)s new messages", messages), {n: messages}) + (threads.size > 1 ? ` ${fill(gettext("in %(n)s conversations"), {n: threads.size})}` : ""),
        queued && fill(ngettext("%(n)s new visitor in the queue", "%(n)s new visitors in the queue", queued), {n: queued}),
      ].filter(Boolean);
      const first = [...threads][0];
      desk.toast({
        text: `${gettext("While you were away:")} ${said.join(", ")}`, stay: 0,
        action: {title: gettext("Show"), run: () => desk.select(first ? {thread: first} : {view: "threads", list: "queue"})},
      });
    }, GATHER);
  }
}

function notify(title, body, id, desk) {
  try {
    const shown = new Notification(title, {body: body.slice(0, 140), tag: id, icon: "/static/agent/icon.svg"});
    shown.onclick = () => {
      window.focus();
      desk.select({thread: id});
      shown.close();
    };
  } catch {
    // Where a frame may not, or only a service worker could.
  }
}
