/** Calls of the visitor's API, with the credential that opening the chat gave. */

import {problemOf} from "/static/agent/sse.js";
import {give} from "./files.js";

/** A refusal of the desk (`code`), or no answer at all (code `offline`). */
export class Refusal extends Error {
  constructor({code, status = 0, detail = "", retryAfter = 0, errors = []}) {
    super(detail || code);
    // Of a field that is refused, its own code says more.
    Object.assign(this, {code: code === "validation_failed" ? (errors[0]?.code ?? code) : code, status, retryAfter});
  }

  /** Whether the same call may well succeed later. */
  get passes() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export class Api {
  /**
   * @param {() => object} who what the desk is told on opening
   * @param {import("./store.js").Store} store @param {string} key where the credential is kept
   * @param {string} before where it is kept while the site has not said who this is
   */
  constructor(who, store, key, before) {
    Object.assign(this, {who, store, key, before});
    this.kind = encodeURIComponent(who().t);
    this.opening = null;
    this.closed = false;
    this.onOpened = () => {};
  }

  get credential() {
    return this.store.get(this.key);
  }

  /** Open the chat, or open it again after the desk forgot this browser. */
  open() {
    // A last call of a conversation that is over must not make somebody new.
    if (this.closed) return Promise.reject(new Refusal({code: "offline"}));
    return (this.opening ??= this.#open().finally(() => (this.opening = null)));
  }

  async #open() {
    // Who logs in goes on with what was said before that; whoever uses this browser next does not.
    const known = this.credential || this.store.get(this.before);
    const opened = await answerOf(await this.#ask("open", {body: {...this.who(), visitor: known}}));
    this.store.set(this.key, opened.credential);
    if (this.before !== this.key) this.store.set(this.before, "");
    this.onOpened(opened);
    return opened;
  }

  get(path) {
    return this.fetch(path).then(answerOf);
  }

  post(path, body = {}) {
    return this.fetch(path, {body}).then(answerOf);
  }

  /** Call the API; a dead credential is renewed once. Returns the response, whatever it says. */
  async fetch(path, options = {}) {
    const used = this.credential;
    const response = await this.#ask(path, options, used);
    if (response.status !== 401) return response;
    if (used === this.credential) await this.open();
    return this.#ask(path, options, this.credential);
  }

  /** Send a file in; `onProgress` hears how much of it is there, from 0 to 1. Returns the attachment. */
  async upload(file, options) {
    if (!this.credential) await this.open();
    const used = this.credential;
    let answer = await give(this.#address("upload"), used, file, options);
    if (answer.status === 401) {
      if (used === this.credential) await this.open();
      answer = await give(this.#address("upload"), this.credential, file, options);
    }
    const {status, text, retryAfter} = answer;
    if (status === 200) return JSON.parse(text);
    throw new Refusal({...(await problemOf({status, json: async () => JSON.parse(text)})), retryAfter});
  }

  #address(path) {
    return `/api/chat/${path}${path.includes("?") ? "&" : "?"}t=${this.kind}`;
  }

  async #ask(path, {body, headers = {}, signal} = {}, credential = "") {
    const sent = {...headers};
    if (credential) sent.Authorization = `Bearer ${credential}`;
    if (body) sent["Content-Type"] = "application/json";
    try {
      return await fetch(this.#address(path), {
        method: body ? "POST" : "GET",
        headers: sent,
        body: body && JSON.stringify(body),
        credentials: "omit", // an agent who tries the chat is a visitor here
        cache: "no-store",
        signal: signal ?? AbortSignal.timeout(20_000),
      });
    } catch {
      throw new Refusal({code: "offline"});
    }
  }
}

async function answerOf(response) {
  if (response.ok) return response.json();
  throw await refusalOf(response);
}

export async function refusalOf(response) {
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  return new Refusal({...(await problemOf(response)), retryAfter});
}
