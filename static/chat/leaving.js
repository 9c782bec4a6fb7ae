/** Leaving a message: what stands in the form, whether it is shown, and how it goes out, once. */

import {batch, computed, effect, signal} from "@preact/signals";
import {newId} from "./outbox.js";

const LONGEST_TIMER = 2 ** 31 - 1; // ms
const LATE = 5_000; // ms within which the visitors who wait for the same opening come back
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@.]+$/;
const PHONE = /^\+?\d[\d\s()./-]{3,38}\d$/;
const LONGEST = 20_000; // characters of a message, as the desk counts them

export class Leaving {
  /** @param {import("./chat.js").Chat} chat */
  constructor(chat) {
    const {nickname, email, phone} = chat.options;
    this.chat = chat;
    this.contact = {nickname, email, phone};
    this.draft = signal({content: "", ...this.contact});
    this.asked = signal(false); // by a visitor who waits
    this.left = signal(null); // where the answer to the message that was left will go
    this.errors = signal({}); // the name of a text by the name of a field
    this.problem = signal(""); // a reason code
    this.busy = signal(false);
    this.clientId = newId();
    /** Nobody is there. Whom an agent already talks to goes on. */
    this.away = computed(() => chat.desk.value.online === false && chat.thread.value?.state !== "open");
    /** There is no writing in the chat meanwhile. */
    this.instead = computed(() => this.away.value || this.asked.value);
    this.isBegun = computed(() => this.draft.value.content.trim() !== "");
    this.shown = computed(() => !this.left.value && (this.instead.value || this.isBegun.value));
    this.mayAsk = computed(() => chat.thread.value?.state === "queued" && !this.instead.value);
  }

  /** Look whether somebody is there when the desk opens; returns what ends that. */
  start() {
    let timer;
    const stops = [
      effect(() => {
        const {opensAt} = this.chat.desk.value;
        clearTimeout(timer);
        if (!opensAt) return;
        const wait = Math.max(0, new Date(opensAt) - Date.now()) + 500 + Math.random() * LATE;
        timer = setTimeout(() => this.chat.api.open().catch(() => {}), Math.min(wait, LONGEST_TIMER));
      }),
      effect(() => {
        if (this.chat.thread.value?.state !== "queued") this.asked.value = false;
      }),
    ];
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }

  /** The visitor waits no longer: what it wrote so far is in the form. */
  ask() {
    const {messages} = this.chat;
    const answered = messages.peek().findLast(({user}) => user?.type === "agent")?.seq ?? 0;
    const said = messages.peek().filter(({seq, type, user}) => seq > answered && type === "text" && user?.type === "visitor");
    const content = this.draft.peek().content || said.map((each) => each.content).filter(Boolean).join("\n");
    batch(() => {
      this.left.value = null;
      this.asked.value = true;
      this.draft.value = {...this.draft.peek(), content: content.slice(0, LONGEST)};
    });
  }

  /** Back to the queue. */
  stay() {
    batch(() => {
      this.asked.value = false;
      this.#reset();
    });
  }

  again() {
    this.left.value = null;
  }

  write(name, value) {
    const {[name]: mended, ...errors} = this.errors.peek();
    if (name === "email" || name === "phone") delete errors.email; // one of the two is enough
    this.draft.value = {...this.draft.peek(), [name]: value};
    this.errors.value = errors;
    this.problem.value = "";
  }

  /** Send the message; returns the name of the first field that has to be mended. */
  async send() {
    if (this.busy.peek()) return "";
    const trimmed = Object.fromEntries(Object.entries(this.draft.peek()).map(([name, value]) => [name, value.trim()]));
    this.errors.value = mistakes(trimmed);
    const [first] = Object.keys(this.errors.peek());
    if (first) return first;
    batch(() => {
      this.busy.value = true;
      this.problem.value = "";
    });
    try {
      await this.chat.leave({...trimmed, clientId: this.clientId});
      batch(() => {
        const {content, ...contact} = trimmed;
        this.left.value = {name: contact.nickname, to: contact.email || contact.phone};
        this.contact = contact;
        this.asked.value = false;
        this.#reset();
      });
    } catch (error) {
      this.problem.value = error.code;
      if (error.code === "invalid_state") this.chat.api.open().catch(() => {}); // somebody answers by now
    } finally {
      this.busy.value = false;
    }
    return "";
  }

  /** Somebody is there again: what stands in the form goes into the chat. */
  chatInstead() {
    const {content} = this.draft.peek();
    this.#reset();
    this.chat.say(content.trim());
  }

  #reset() {
    this.draft.value = {content: "", ...this.contact};
    this.errors.value = {};
    this.problem.value = "";
    this.clientId = newId();
  }
}

/** Return what is wrong with a message, by field, in the order of the form. */
export function mistakes({content, email, phone}) {
  const found = {};
  if (!content) found.content = "messageMissing";
  if (!email && !phone) found.email = "contactMissing";
  else if (email && !EMAIL.test(email)) found.email = "emailWrong";
  if (phone && !PHONE.test(phone)) found.phone = "phoneWrong";
  return found;
}
