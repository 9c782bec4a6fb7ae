/** What a panel shows of the API: loaded when it is first shown, kept on events, never asked for more often than useful. */

import {batch, signal} from "@preact/signals";
import {useEffect, useMemo} from "preact/hooks";

const GAP = 700; // ms between two loads, however many events ask for one, where nothing else is asked for

export class Loaded {
  /**
   * @param {import("../../desk.js").Desk} desk
   * @param {string} path below /api/
   * @param {{list?: boolean, gap?: number}} [options] whether it is a list (the usual case) or one object; ms between loads
   */
  constructor(desk, path, {list = true, gap = GAP} = {}) {
    Object.assign(this, {desk, path, isList: list, gap});
    /** @type {import("@preact/signals").Signal<"loading"|"ready"|"forbidden"|"failed">} */
    this.state = signal("loading");
    this.items = signal([]);
    this.object = signal(null);
    this.problem = signal(null);
    this.next = signal("");
    this.total = signal({total: 0, more: false});
    this.busy = signal(false);
    this.started = 0;
  }

  /** Load it (again): at once, or at the end of the gap after the last load. */
  load() {
    return (this.waiting ??= this.#turn().then(() => {
      this.waiting = null;
      this.started = Date.now();
      return (this.running = this.#load());
    }));
  }

  /** Load anew at the reader's wish, showing that something happens. */
  retry() {
    this.state.value = "loading";
    return this.load();
  }

  /** Load the next page below what is shown. */
  async more() {
    if (!this.next.peek() || this.busy.peek()) return;
    this.busy.value = true;
    try {
      const page = await this.desk.api.list(this.next.peek());
      const known = new Set(this.items.peek().map(({id}) => id));
      batch(() => {
        this.items.value = [...this.items.peek(), ...page.items.filter(({id}) => !known.has(id))];
        this.next.value = page.next;
      });
    } catch (error) {
      this.desk.fail(error);
    } finally {
      this.busy.value = false;
    }
  }

  async #turn() {
    await this.running;
    const left = this.started + this.gap - Date.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
  }

  async #load() {
    const {path} = this;
    try {
      const found = this.isList ? await this.desk.api.list(path) : await this.desk.api.get(path);
      if (path !== this.path) return; // asked for something else meanwhile
      batch(() => {
        if (this.isList) this.#take(found);
        else this.object.value = found;
        this.state.value = "ready";
        this.problem.value = null;
      });
    } catch (error) {
      if (path !== this.path || this.state.peek() === "ready") return; // what is on the screen stays: old helps more than none
      batch(() => {
        this.problem.value = error.problem ?? {code: error.code};
        this.state.value = error.status === 403 ? "forbidden" : "failed";
      });
    }
  }

  /** Take the first page; of the pages below it, what it does not speak of stays where it was. */
  #take({items, next, total, more}) {
    const before = this.items.peek();
    const ids = new Set(items.map(({id}) => id));
    const kept = before.length > items.length && items.length && next ? before.slice(items.length).filter(({id}) => !ids.has(id)) : [];
    this.items.value = [...items, ...kept];
    if (!kept.length) this.next.value = next;
    this.total.value = {total, more};
  }
}

/**
 * A Loaded for as long as a component is shown.
 * @param {string} path
 * @param {Record<string, (event: object) => boolean>} [hears] which events ask for a load: type → whether this one does
 */
export function useLoaded(desk, path, hears = {}, options = undefined) {
  const loaded = useMemo(() => new Loaded(desk, path, options), [desk, path]);
  useEffect(() => {
    loaded.load();
    const reload = () => loaded.load();
    const ends = Object.entries(hears).map(([type, concerns]) => desk.on(type, (event) => concerns(event) && reload()));
    ends.push(desk.on("resync", reload));
    return () => ends.forEach((end) => end());
  }, [loaded]);
  return loaded;
}
