/**
 * The changes feed, live: `GET /api/events/stream` read by fetch (an EventSource could not send the tab's bearer),
 * resumed by Last-Event-ID, and long polling of `/api/events/list` where a proxy holds the stream back.
 */

import {Messages, problemOf} from "./sse.js";

const SILENT = 5_000; // ms in which a stream that works has said its first word (the desk sends its position at once)
const DEAD = 40_000; // ms without a byte after which a stream is gone (the desk pings every 15 s)
const LONGEST_PAUSE = 30_000;
const SILENCE = new Error("Nothing came in time.");
const TRANSIENT = new Set(["server_stopping", "slow_reader"]); // the stream ends, the session does not
const WAIT = 25; // seconds that a long poll may take

/** Dead credentials; `code` is the desk's reason. The session's fetch throws its own such error on a 401. */
class Ended extends Error {
  status = 401;

  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** The feed is not for this caller: the token has no `events:read`. */
class Refused extends Error {}

/** One connection to the feed, kept up until it is closed or the session ends. */
export class Feed {
  /**
   * @param {object} options
   * @param {(path: string, options?: object) => Promise<Response>} options.fetch the session's fetch
   * @param {(event: object) => void} options.onEvent
   * @param {(type: string, data: object) => void} [options.onWhisper] what is told to who listens now, and is no event
   * @param {(state: "connecting"|"live"|"polling"|"refused") => void} options.onState
   * @param {(code: string) => void} options.onEnded
   * @param {string} [options.after] where to go on
   */
  constructor({fetch, onEvent, onWhisper, onState, onEnded, after = ""}) {
    Object.assign(this, {fetch, onEvent, onWhisper, onState, onEnded, after});
    this.failures = 0;
    this.base = 1000;
    this.polls = false;
    this.closed = false;
    this.lastByte = 0;
  }

  async run() {
    while (!this.closed) {
      try {
        this.onState("connecting");
        await (this.polls ? this.#poll() : this.#stream());
      } catch (error) {
        if (this.closed) return;
        if (error.status === 401) return this.#end(error.code);
        if (error instanceof Refused) {
          // Alive but not allowed to listen: the page still works by asking, so this is no end.
          this.onState("refused");
          return;
        }
        this.failures += 1;
      }
      if (!this.closed) {
        this.onState("connecting");
        await this.#pause();
      }
    }
  }

  /** Come back at once instead of after the pause: the network is there again, or the computer woke up. */
  hurry() {
    if (this.wake) this.wake();
    else if (!this.polls && Date.now() - this.lastByte > DEAD / 2) this.attempt?.abort();
  }

  /** The browser says that the network is gone: a stream may hang for long before it notices. */
  drop() {
    this.attempt?.abort();
  }

  close() {
    this.closed = true;
    this.attempt?.abort();
    this.wake?.();
  }

  #end(code) {
    this.closed = true;
    this.onEnded(code);
  }

  #pause() {
    const longest = Math.min(LONGEST_PAUSE, this.base * 2 ** Math.min(this.failures, 6));
    // Full jitter: a thousand desks that lost one server do not come back in one instant.
    const pause = this.failures ? this.base / 4 + Math.random() * longest : this.base / 4;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pause);
      this.wake = () => (clearTimeout(timer), resolve());
    }).finally(() => (this.wake = null));
  }

  async #ask(path, options) {
    const response = await this.fetch(path, options);
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (response.status === 403) throw new Refused(problem.code);
    if (problem.code === "invalid_cursor") this.after = "";
    throw new Error(problem.code);
  }

  async #stream() {
    const attempt = (this.attempt = new AbortController());
    let spoke = false;
    const headers = {Accept: "text/event-stream"};
    if (this.after) headers["Last-Event-ID"] = this.after;
    const watch = watchdog(attempt);
    try {
      watch(SILENT);
      const response = await this.#ask("/api/events/stream", {headers, signal: attempt.signal, cache: "no-store"});
      watch(SILENT);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const messages = new Messages();
      for (;;) {
        const {value, done} = await reader.read();
        if (done) return;
        watch(DEAD);
        spoke = true;
        this.lastByte = Date.now();
        for (const message of messages.feed(value)) this.#message(message);
      }
    } catch (error) {
      // Nothing at all came, though the desk answers: something in between holds the stream back.
      if (attempt.signal.reason === SILENCE && !spoke && !this.closed) this.polls = true;
      throw error;
    } finally {
      watch(0);
      attempt.abort();
    }
  }

  #message({event, data, id, retry}) {
    if (retry) this.base = retry;
    if (id) this.#reached(id, "live");
    if (event === "session_ended") {
      const {code = "session_ended"} = JSON.parse(data);
      throw TRANSIENT.has(code) ? new Error(code) : new Ended(code);
    }
    if (!data) return;
    if (event) this.onWhisper?.(event, JSON.parse(data));
    else this.onEvent(JSON.parse(data));
  }

  #reached(position, state) {
    this.after = position;
    this.failures = 0;
    this.onState(state);
  }

  async #poll() {
    while (!this.closed) {
      const attempt = (this.attempt = new AbortController());
      const watch = watchdog(attempt);
      watch(WAIT * 1000 + DEAD);
      const started = Date.now();
      const after = encodeURIComponent(this.after || "now");
      const wait = this.after ? WAIT : 0;
      try {
        const response = await this.#ask(`/api/events/list?after=${after}&wait=${wait}&limit=200`, {
          signal: attempt.signal,
          cache: "no-store",
        });
        const events = await response.json();
        const next = /[?&]after=([^&>]+)/.exec(response.headers.get("Link") ?? "");
        this.#reached(next ? decodeURIComponent(next[1]) : events.at(-1)?.id ?? this.after, "polling");
        this.lastByte = Date.now();
        for (const event of events) this.onEvent(event);
        // A desk that cannot hold a poll open answers at once: do not spin.
        if (wait && !events.length && Date.now() - started < 1000) await this.#pause();
      } finally {
        watch(0);
      }
    }
  }
}

/** Return a function that aborts the attempt, with SILENCE as the reason, unless called again within the given ms (0: never). */
function watchdog(attempt) {
  let timer;
  return (ms) => {
    clearTimeout(timer);
    if (ms) timer = setTimeout(() => attempt.abort(SILENCE), ms);
  };
}
