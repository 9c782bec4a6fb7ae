/** One visitor's conversation: its messages, what is on its way, and how it stands. The views read its signals. */

import {batch, computed, effect, signal} from "@preact/signals";
import {Api} from "./api.js";
import {Attention} from "./attention.js";
import {endsWithin, problemOf} from "./files.js";
import {Leaving} from "./leaving.js";
import {device, keyOf} from "./options.js";
import {Outbox} from "./outbox.js";
import {Robot} from "./robot.js";
import {Stream} from "./stream.js";

const PAGE = 50;
const TELL = 700; // ms between two words to the agent about what is being written
const ARRIVED = 500; // ms in which what arrives together is told together
const QUEUE = 30_000; // ms between two questions for the place in the queue (should no whisper tell it) and who is there
const RENEWAL = 600_000; // ms between two looks at the links of files
const STALE = 1_200; // seconds before its end in which a link is renewed

export class Chat {
  /**
   * @param {object} given
   * @param {object} given.options where and who (options.js) @param {import("./store.js").Store} given.store
   * @param {import("./host.js").Host|null} given.host the page around the widget
   * @param {{url: string, title: string}} given.page what the visitor looks at
   */
  constructor({options, store, host, page}) {
    Object.assign(this, {options, store, host, page});
    const key = keyOf(options);
    this.api = new Api(() => this.#who(), store, key, keyOf({...options, visitorUid: ""}));
    this.api.onOpened = (opened) => this.#opened(opened);
    this.outbox = new Outbox(this.api, store, key, {t: options.t, sid: options.sid}, (message) => this.#sent(message));

    const files = {types: [], bytes: 0};
    this.desk = signal({name: "", logoUrl: "", accentColor: "", welcomeText: "", files, online: true, opensAt: null, closedText: ""});
    this.thread = signal(null);
    this.messages = signal([]); // by seq
    this.known = 0; // the seq up to which none is missing: one's own may have a higher one than what was missed
    /** @type {import("@preact/signals").Signal<"loading"|"ready"|"refused">} */
    this.state = signal("loading");
    this.connected = signal(true);
    this.problem = signal(""); // a reason code
    this.refusedFiles = signal([]); // {name, problem}: what was chosen and cannot be sent
    this.enlarged = signal(null); // the id of a picture
    this.hasOlder = signal(false);
    this.loadsOlder = signal(false);
    this.marker = signal(null); // the seq that was read when news came: a line is drawn below it
    this.readSeq = signal(0);
    this.shown = signal(host ? host.open : true); // the panel is open
    this.unread = computed(() => this.messages.value.filter((each) => each.seq > this.readSeq.value && !isOwn(each) && each.type !== "system").length);
    this.attention = new Attention(this);
    this.leaving = new Leaving(this);
    this.robot = new Robot(this);
    this.stopping = [() => this.robot.close()];
  }

  /** Open the chat, and keep it up to date until it is closed. */
  start() {
    this.stream = new Stream({
      api: this.api,
      onEvent: (event) => this.#event(event),
      onLive: () => this.#catchUp(),
      onLost: () => (this.connected.value = false),
      onRefused: (refusal) => this.#refused(refusal),
    });
    this.#begin();
    const hurry = () => {
      this.stream.hurry();
      this.outbox.flush();
    };
    const lost = () => {
      this.connected.value = false;
      this.stream.drop(); // a stream may hang for long before it notices
    };
    const turned = () => {
      if (document.visibilityState !== "visible") return;
      hurry();
      this.renewLinks();
    };
    const links = setInterval(() => this.renewLinks(), RENEWAL);
    const leaving = (event) => this.outbox.holdsFiles && event.preventDefault();
    addEventListener("beforeunload", leaving);
    addEventListener("online", hurry);
    addEventListener("offline", lost);
    document.addEventListener("visibilitychange", turned);
    const queue = setInterval(() => {
      const waits = (this.thread.peek()?.state === "queued" || this.leaving.away.peek()) && document.visibilityState === "visible" && this.shown.peek();
      if (waits) this.api.open().catch(() => {});
    }, QUEUE);
    this.stopping.push(
      () => removeEventListener("online", hurry),
      () => removeEventListener("offline", lost),
      () => document.removeEventListener("visibilitychange", turned),
      () => clearInterval(queue),
      () => clearInterval(links),
      () => removeEventListener("beforeunload", leaving),
      effect(() => this.host?.tell("unread", {count: this.unread.value})),
      effect(() => this.host?.tell("desk", {accentColor: this.desk.value.accentColor, name: this.desk.value.name})),
      this.attention.start(),
      this.leaving.start(),
    );
  }

  async #begin() {
    for (let turn = 1; !this.closed; turn += 1) {
      try {
        await this.api.open();
        this.stream.run();
        return;
      } catch (error) {
        if (!error.passes) return this.#refused(error);
        batch(() => {
          this.connected.value = false;
          this.state.value = "ready"; // what waits to be sent is shown, offline too
        });
        await new Promise((resolve) => setTimeout(resolve, error.retryAfter * 1000 || Math.min(15, turn) * 1000));
      }
    }
  }

  close() {
    this.closed = this.api.closed = true;
    this.stream?.close();
    this.outbox.close();
    for (const stop of this.stopping) stop();
  }

  /** Try again after a refusal. */
  retry() {
    this.state.value = "loading";
    this.problem.value = "";
    this.#begin();
  }

  /** Let the agent see what is being written: at most once in TELL, and always the last of it. */
  types(content) {
    this.writes = content;
    this.telling ??= setTimeout(() => {
      this.telling = null;
      const {state = "closed"} = this.thread.peek() ?? {};
      if (state !== "closed" && !this.closed) this.api.post("typing", {content: this.writes.slice(0, 500)}).catch(() => {});
    }, TELL);
  }

  say(content) {
    this.types("");
    this.marker.value = null;
    this.problem.value = "";
    this.refusedFiles.value = [];
    this.outbox.add(content);
  }

  /** Send files, each in a message of its own; what cannot be sent is said at once. */
  attach(files) {
    this.marker.value = null;
    this.problem.value = "";
    const judged = files.map((file) => ({file, name: file.name, problem: problemOf(file, this.desk.peek().files)}));
    this.refusedFiles.value = judged.filter(({problem}) => problem);
    for (const {file, problem} of judged) if (!problem) this.outbox.addFile(file);
  }

  /**
   * Ask for messages whose links to files end soon, or for the one that has an attachment. Returns that attachment.
   * @param {string} [id]
   */
  async renewLinks(id) {
    const old = ({attachment}) => attachment && (attachment.id === id || endsWithin(attachment.url, STALE));
    try {
      // A page of messages renews all its links: from the newest that needs it, down.
      for (let last = Infinity, found; (found = this.messages.peek().findLast((each) => each.seq < last && old(each))); ) {
        const page = await this.api.get(`messages?before=${found.seq + 1}&limit=${PAGE}`);
        if (this.closed || !page.length) return null;
        this.#merge(page);
        last = page[0].seq;
      }
    } catch {
      return null; // the next look asks again
    }
    return this.messages.peek().find(({attachment}) => attachment && attachment.id === id)?.attachment ?? null;
  }

  /** Load the page of messages before the first one shown. */
  async older() {
    const first = this.messages.peek()[0];
    if (!first || this.loadsOlder.peek() || !this.hasOlder.peek()) return;
    this.loadsOlder.value = true;
    try {
      const found = await this.api.get(`messages?before=${first.seq}&limit=${PAGE}`);
      batch(() => {
        this.hasOlder.value = found.length === PAGE;
        this.#merge(found);
      });
    } catch {
      // Scrolling on asks again.
    } finally {
      this.loadsOlder.value = false;
    }
  }

  /** The visitor has the newest message before its eyes. */
  seen() {
    const last = this.messages.peek().at(-1)?.seq ?? 0;
    if (last <= this.readSeq.peek()) return;
    this.readSeq.value = last;
    clearTimeout(this.reading);
    this.reading = setTimeout(() => this.api.post("read", {seq: last}).catch(() => {}), 300);
  }

  /** Tell the desk what has arrived, once for what comes together; what is read needs no word. */
  #arrived() {
    clearTimeout(this.arriving);
    this.arriving = setTimeout(() => {
      const last = this.messages.peek().findLast((each) => !isOwn(each))?.seq ?? 0;
      if (last <= Math.max(this.delivered ?? 0, this.readSeq.peek())) return;
      this.delivered = last;
      this.api.post("delivered", {seq: last}).catch(() => (this.delivered = 0));
    }, ARRIVED);
  }

  rate(score, comment) {
    return this.#thread("rate", {score, comment});
  }

  /** Leave a message while nobody is there. Throws the refusal. */
  async leave(message) {
    const {t, sid} = this.options;
    const {thread} = await this.api.post("offline", {...message, t, sid});
    this.#stands(thread);
  }

  end() {
    return this.#thread("close", {});
  }

  /** Ask for a person instead of the robot. */
  human() {
    return this.#thread("human", {sid: this.options.sid});
  }

  async #thread(path, body) {
    this.problem.value = "";
    try {
      this.#stands(await this.api.post(path, body));
      return true;
    } catch (error) {
      this.problem.value = error.code;
      return false;
    }
  }

  #who() {
    const {org, t, sid, visitorUid, nickname, avatar, email, phone, signature} = this.options;
    const who = {org, t, sid, visitorUid, nickname, avatar, email, phone, signature, language: navigator.language};
    return {...who, page: {url: this.page.url.slice(0, 2000), title: this.page.title.slice(0, 300)}, device: device()};
  }

  #opened({desk, thread}) {
    if (this.closed) return;
    batch(() => {
      this.desk.value = desk;
      this.#stands(thread);
      if (!thread) this.state.value = "ready";
    });
    this.outbox.flush();
  }

  #stands(thread) {
    if (!thread) return;
    const before = this.thread.peek();
    if (before && before.id !== thread.id) {
      this.messages.value = []; // another conversation, with numbers of its own
      this.known = this.delivered = 0;
    }
    this.thread.value = thread;
    this.readSeq.value = Math.max(before?.id === thread.id ? this.readSeq.peek() : 0, thread.readSeq ?? 0);
  }

  /** The queue has moved. */
  #moves({id, ...place}) {
    const thread = this.thread.peek();
    if (thread?.id === id && thread.state === "queued") this.thread.value = {...thread, ...place};
  }

  async #catchUp() {
    if (this.wasLive && !this.connected.peek()) await this.api.open(); // how does it stand by now?
    const known = this.known > 0;
    for (;;) {
      const found = await this.api.get(known ? `messages?after=${this.known}&limit=${PAGE}` : `messages?limit=${PAGE}`);
      if (this.closed) return;
      this.known = Math.max(this.known, found.at(-1)?.seq ?? 0);
      batch(() => {
        if (!known) this.hasOlder.value = found.length === PAGE;
        this.#news(found);
        this.state.value = "ready";
        this.connected.value = this.wasLive = true;
      });
      if (!known || found.length < PAGE) return this.outbox.flush();
    }
  }

  #event({type, data}) {
    this.robot.hear({type, data});
    if (type === "chat.thread") return this.#stands(data);
    if (type === "chat.queue") return this.#moves(data);
    const ours = this.thread.peek()?.id;
    if (!type.startsWith("message.") || (ours && data.thread && data.thread !== ours)) return;
    if (type === "message.created") this.#news([data]);
    else this.#merge([data].filter(({id}) => this.messages.peek().some((each) => each.id === id)));
  }

  /** Take messages that are new, or that were missed. */
  #news(found) {
    const shown = new Set(this.messages.peek().map(({id}) => id));
    const fresh = found.filter((each) => !shown.has(each.id) && !isOwn(each));
    if (fresh.some(({seq}) => seq > this.readSeq.peek()) && this.marker.peek() === null && !(this.wasLive && this.attention.looking)) {
      this.marker.value = this.readSeq.peek();
    }
    batch(() => {
      this.#merge(found);
      for (const {clientId} of found) if (clientId) this.outbox.remove(clientId);
    });
    if (fresh.length) this.#arrived();
    if (this.wasLive && fresh.some(({type}) => type !== "system")) this.attention.call();
  }

  #sent(message) {
    this.#merge([message]);
    if (!this.thread.peek()) this.api.open().catch(() => {}); // it has begun the conversation
  }

  #merge(found) {
    const all = new Map(this.messages.peek().map((each) => [each.id, each]));
    for (const each of found) {
      all.set(each.id, {...all.get(each.id), ...each});
      if (each.seq === this.known + 1) this.known = each.seq;
    }
    this.messages.value = [...all.values()].sort((one, other) => one.seq - other.seq);
  }

  #refused(refusal) {
    batch(() => {
      this.problem.value = refusal.code;
      this.state.value = "refused";
    });
  }
}

export const isOwn = ({user}) => user?.type === "visitor";
