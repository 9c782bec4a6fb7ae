/** What happens in the conversation, live: Server-Sent Events read by fetch, since an EventSource sends no bearer. */

import {Messages} from "/static/agent/sse.js";
import {Refusal, refusalOf} from "./api.js";

const SILENT = 8_000; // ms in which a stream that works has said its first word
const DEAD = 40_000; // ms without a byte after which it is gone (the desk pings every 15 s)
const POLL = 5_000; // ms between two questions, where something in between holds streams back
const LONGEST_PAUSE = 20_000;
const TRANSIENT = new Set(["server_stopping", "slow_reader"]);

export class Stream {
  /**
   * @param {object} options
   * @param {import("./api.js").Api} options.api
   * @param {(event: object) => void} options.onEvent
   * @param {() => Promise} options.onLive asks for what came while nobody listened
   * @param {() => void} options.onLost
   * @param {(refusal: Refusal) => void} options.onRefused the desk will not have this visitor
   */
  constructor({api, onEvent, onLive, onLost, onRefused}) {
    Object.assign(this, {api, onEvent, onLive, onLost, onRefused});
    this.failures = 0;
    this.polls = false;
    this.closed = false;
    this.lastByte = 0;
  }

  async run() {
    while (!this.closed) {
      try {
        await (this.polls ? this.#poll() : this.#listen());
      } catch (error) {
        if (this.closed) return;
        if (error instanceof Refusal && !error.passes) return this.onRefused(error);
        this.failures += 1;
        if (this.failures > 1 || !navigator.onLine) this.onLost();
      }
      if (!this.closed) await this.#pause();
    }
  }

  /** Come back at once: the network is there again, or the computer woke up. */
  hurry() {
    if (this.wake) this.wake();
    else if (Date.now() - this.lastByte > DEAD / 2) this.attempt?.abort();
  }

  /** Give the connection up, and try again. */
  drop() {
    this.attempt?.abort();
  }

  close() {
    this.closed = true;
    this.attempt?.abort();
    this.wake?.();
  }

  async #listen() {
    const attempt = (this.attempt = new AbortController());
    let spoke = false;
    let timer;
    const watch = (ms) => {
      clearTimeout(timer);
      timer = setTimeout(() => attempt.abort(), ms);
    };
    try {
      watch(SILENT);
      const response = await this.api.fetch("stream", {headers: {Accept: "text/event-stream"}, signal: attempt.signal});
      if (!response.ok) throw await refusalOf(response);
      watch(SILENT);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const messages = new Messages();
      for (;;) {
        const {value, done} = await reader.read();
        if (done) throw new Error("The stream ended.");
        watch(DEAD);
        this.lastByte = Date.now();
        if (!spoke) {
          spoke = true;
          this.failures = 0;
          this.onLive().catch(() => attempt.abort());
        }
        for (const message of messages.feed(value)) await this.#message(message);
      }
    } catch (error) {
      if (attempt.signal.aborted && !spoke && navigator.onLine && !this.closed) this.polls = this.failures > 1;
      throw error;
    } finally {
      clearTimeout(timer);
      attempt.abort();
    }
  }

  async #message({event, data}) {
    if (event === "session_ended") {
      const {code} = JSON.parse(data ?? "{}");
      if (!TRANSIENT.has(code)) await this.api.open();
      throw new Error("The session ended.");
    }
    // A named message is no event: a whisper, such as that somebody is writing.
    if (data) this.onEvent(event ? {type: event, data: JSON.parse(data)} : JSON.parse(data));
  }

  async #poll() {
    while (!this.closed) {
      await this.onLive();
      this.failures = 0;
      await this.#sleep(POLL);
    }
  }

  #pause() {
    // Full jitter: a thousand visitors that lost one server do not come back in one instant.
    const longest = Math.min(LONGEST_PAUSE, 500 * 2 ** Math.min(this.failures, 6));
    return this.#sleep(200 + Math.random() * longest);
  }

  #sleep(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => (clearTimeout(timer), resolve());
    }).finally(() => (this.wake = null));
  }
}
