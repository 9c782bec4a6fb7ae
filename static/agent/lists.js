/** A list of the API as the page holds it: loaded once, then kept fresh by events. */

import {signal} from "@preact/signals";
import {count} from "./i18n.js";
import {problemOf} from "./sse.js";

const GAP = 400; // ms between two loads, however many events ask for one

export class List {
  /** @param {(path: string) => Promise<Response>} fetch @param {string} path of the list */
  constructor(fetch, path) {
    this.fetch = fetch;
    this.path = path;
    /** @type {import("@preact/signals").Signal<"loading"|"ready"|"forbidden"|"failed">} */
    this.state = signal("loading");
    this.items = signal([]);
    this.problem = signal(null);
    this.fresh = signal(new Set()); // ids that came or changed since the page was opened, for a short glow
    this.total = signal(""); // how many there are in all, as people read it ("10,000+")
    this.started = 0;
    this.running = null;
    this.waiting = null;
  }

  /** Load the list, at most once in GAP: whatever asks in between is answered by one load at its end. */
  load() {
    return (this.waiting ??= this.#turn().then(() => {
      this.waiting = null;
      this.started = Date.now();
      return (this.running = this.#load());
    }));
  }

  async #turn() {
    await this.running?.catch(() => {});
    const left = this.started + GAP - Date.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
  }

  /** Load anew at the reader's wish, showing that something happens. */
  retry() {
    this.state.value = "loading";
    return this.load();
  }

  async #load() {
    try {
      const response = await this.fetch(this.path);
      if (!response.ok) {
        const problem = await problemOf(response);
        this.problem.value = problem;
        this.state.value = response.status === 403 ? "forbidden" : "failed";
        return;
      }
      this.total.value = shownTotal(response.headers.get("X-Total-Count"));
      this.#take(await response.json());
    } catch (error) {
      if (error.status === 401) throw error;
      // What is on the screen stays there: an old list helps more than none.
      if (this.state.value !== "ready") {
        this.problem.value = {code: "offline"};
        this.state.value = "failed";
      }
    }
  }

  #take(items) {
    if (this.state.value === "ready") {
      const before = new Map(this.items.value.map((each) => [each.id, each.updatedAt]));
      this.fresh.value = new Set(items.filter((each) => before.get(each.id) !== each.updatedAt).map(({id}) => id));
    }
    this.items.value = items;
    this.state.value = "ready";
  }

  /** Change one item at once, before the desk says the same. */
  patch(id, changes) {
    this.items.value = this.items.value.map((each) => (each.id === id ? {...each, ...changes} : each));
  }
}

function shownTotal(text) {
  const digits = /^(\d+)(\+?)$/.exec(text ?? "");
  return Number(digits?.[1]) ? count(Number(digits[1])) + digits[2] : "";
}
