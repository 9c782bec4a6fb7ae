/** One list of conversations: ids in order, loaded by keyset, in which an event changes one place and no more. */

import {batch, signal} from "@preact/signals";

const PAGE = 50;
const AGAIN = 400; // ms between two loads, however many ask for one

/**
 * What a standing list holds: the queries that load it, which conversations belong to it, and in which order.
 * @returns {{queries: string[], matches: (thread: object) => boolean, oldestFirst?: boolean}}
 */
export function sources(name, desk) {
  const {threads} = desk;
  const teams = () => (desk.profile.peek()?.teams ?? []).map(({id}) => id);
  switch (name) {
    case "mine":
      return {
        queries: ["agent=me&state=open", "agent=me&state=open&unread=true", "type=MEMBER&state=open,queued", "participant=me&state=open,queued"],
        matches: (thread) => thread.state !== "closed" && threads.isMine(thread),
      };
    case "queue":
      return {queries: ["state=queued"], matches: (thread) => thread.state === "queued" && thread.type !== "MEMBER", oldestFirst: true};
    case "team":
      return {
        get queries() {
          return teams().length ? [`team=${teams().join(",")}&state=open,queued`] : [];
        },
        matches: (thread) => thread.state !== "closed" && teams().includes(thread.team?.id),
      };
    default:
      return {queries: [""], matches: () => true};
  }
}

export class ThreadList {
  /** @param {import("./threads.js").Threads} threads */
  constructor(threads, name, source) {
    const {matches, oldestFirst = false, frozen = false} = source;
    Object.assign(this, {threads, name, source, matches, oldestFirst, frozen});
    this.ids = signal([]);
    this.total = signal({total: 0, more: false});
    this.next = signal(""); // the path of the next page
    /** @type {import("@preact/signals").Signal<"idle"|"loading"|"ready"|"forbidden"|"failed">} */
    this.state = signal("idle");
    this.problem = signal(null);
    this.started = 0;
    this.news = new Set(); // ids of what events brought since the last load began
  }

  static filtered(threads, base, {query, matches, frozen}) {
    const {queries, matches: belongs, oldestFirst} = sources(base, threads.desk);
    return new ThreadList(threads, `${base}?${query}`, {
      queries: queries.slice(0, 1).map((each) => [each, query].filter(Boolean).join("&")),
      matches: (thread) => belongs(thread) && matches(thread),
      oldestFirst,
      frozen,
    });
  }

  /** Load the first page (again), at most once in AGAIN: whoever asks meanwhile gets the load at its end. */
  load() {
    if (this.state.peek() === "idle") this.state.value = "loading";
    return (this.waiting ??= this.#turn().then(() => {
      this.waiting = null;
      this.started = Date.now();
      return (this.running = this.#load());
    }));
  }

  retry() {
    this.state.value = "loading";
    return this.load();
  }

  async #turn() {
    await this.running?.catch(() => {});
    const left = this.started + AGAIN - Date.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
  }

  async #load() {
    const order = this.oldestFirst ? "queuedAt" : "-updatedAt";
    const [main, ...others] = this.source.queries.map((query) => `threads/list?${query}${query && "&"}limit=${PAGE}&ordering=${order}`);
    this.news.clear();
    try {
      const empty = {items: [], next: "", total: 0, more: false};
      const [page, ...more] = await Promise.all([
        main ? this.threads.desk.api.list(main) : empty,
        // What only some desks know (participants) must not cost the list.
        ...others.map((path) => this.threads.desk.api.list(path).catch(() => empty)),
      ]);
      batch(() => {
        const first = this.state.peek() !== "ready";
        const kept = first ? [] : this.#stillThere(page);
        if (first || !kept.length) this.next.value = page.next;
        this.total.value = page;
        // What came while the page was on its way is not in it.
        const fresh = [...this.news].filter((id) => this.threads.peek(id) && this.matches(this.threads.peek(id)));
        this.ids.value = [...new Set([...kept, ...fresh])];
        this.state.value = "ready";
        this.#take([...page.items, ...more.flatMap(({items}) => items)]);
        // Where the page holds all there are, they are counted here: what came meanwhile is not in its total.
        if (!page.next) this.total.value = {total: this.ids.peek().length, more: false};
      });
    } catch (error) {
      if (error.status === 401 || this.state.peek() === "ready") return; // an old list helps more than none
      this.problem.value = error.problem ?? {code: error.code};
      this.state.value = error.status === 403 ? "forbidden" : "failed";
    }
  }

  /** Of what was loaded, what this first page does not speak of and still belongs: what comes after its last one. */
  #stillThere(page) {
    const last = page.items.at(-1);
    if (!last || !page.next) return [];
    return this.ids.peek().filter((id) => {
      const known = this.threads.peek(id);
      return known && this.matches(known) && this.#compare(known, last) > 0;
    });
  }

  /** Load the page after the last one loaded. */
  async more() {
    const path = this.next.peek();
    if (!path || this.loading) return;
    this.loading = true;
    try {
      const page = await this.threads.desk.api.list(path);
      batch(() => {
        this.next.value = page.next;
        this.#take(page.items);
      });
    } catch {
      // Scrolling on asks again.
    } finally {
      this.loading = false;
    }
  }

  #take(items) {
    const ids = new Set(this.ids.peek());
    this.taking = true;
    for (const each of items) {
      const thread = this.threads.put(each, {whole: true});
      if (this.frozen || this.matches(thread)) ids.add(thread.id);
    }
    this.taking = false;
    this.ids.value = [...ids].sort((one, other) => this.#compare(this.threads.peek(one), this.threads.peek(other)));
  }

  /** Put one conversation where it belongs now: in its place, or nowhere. News changes how many there are. */
  place(thread, isNews) {
    if (this.taking || this.frozen) return; // frozen: a search shows what it found
    if (isNews) this.news.add(thread.id);
    if (this.state.peek() !== "ready") return;
    const ids = this.ids.peek();
    const at = ids.indexOf(thread.id);
    if (!this.matches(thread)) return at >= 0 && this.remove(thread.id);
    const others = at < 0 ? ids : ids.toSpliced(at, 1);
    const before = others.findIndex((id) => this.#compare(thread, this.threads.peek(id)) < 0);
    const to = before < 0 ? others.length : before;
    if (to === at) return;
    // Beyond the last one loaded it comes with its page.
    if (before < 0 && this.next.peek()) return at >= 0 && (this.ids.value = others);
    this.ids.value = others.toSpliced(to, 0, thread.id);
    if (at < 0 && isNews) this.#count(1);
  }

  remove(id) {
    const ids = this.ids.peek();
    if (!ids.includes(id)) return;
    this.ids.value = ids.filter((each) => each !== id);
    this.#count(-1);
  }

  #count(step) {
    const {total, more} = this.total.peek();
    if (!more) this.total.value = {total: Math.max(0, total + step), more};
  }

  #compare(one, other) {
    if (!one || !other) return 0;
    if (this.oldestFirst) return order(placeOf(one), placeOf(other)) || order(one.id, other.id);
    return order(other.updatedAt, one.updatedAt) || order(other.id, one.id);
  }
}

/** Since when a conversation waits, as `ordering=queuedAt` has it: who gave one back did not lose the visitor its place. */
const placeOf = (thread) => thread.queuedAt ?? thread.createdAt;

const order = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
