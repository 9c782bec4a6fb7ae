/** The list of tickets as the page holds it: which ones are looked at, narrowed how, and how many wait where. */

import {batch, effect, signal} from "@preact/signals";
import {forGood, forTab} from "../../keep.js";
import {Loaded} from "../kit/loaded.js";

const COUNTING = 4000; // ms between two counts, however many events ask for one
const UNDONE = "open,pending,on_hold";
const PRESET = {view: "open", q: "", status: "", priority: "", team: "", assignee: "", ordering: "-updatedAt"};

/** What each view holds; a filter of the same name takes its place. */
export const VIEWS = {
  mine: {assignee: "me", status: UNDONE},
  nobody: {assignee: "none", status: UNDONE},
  open: {status: UNDONE},
  all: {},
};

export class Board {
  /** @param {import("../../desk.js").Desk} desk */
  constructor(desk) {
    this.desk = desk;
    const kept = forTab.get("tickets") ?? {};
    const order = forGood.get("tickets-ordering");
    this.filters = signal({...PRESET, ...(order && {ordering: order}), ...kept, q: ""});
    this.counts = signal({}); // view → {total, more}
    this.list = new Loaded(desk, pathOf(this.filters.peek()));
    this.fresh = signal(new Set()); // ids that came or changed while one looked
    desk.on("ticket.*", (event) => this.#event(event));
    desk.on("resync", () => this.reload());
    effect(() => {
      const filters = this.filters.value;
      const path = pathOf(filters);
      const {q: _, ...keeps} = filters;
      forTab.set("tickets", keeps);
      if (path === this.list.path) return;
      batch(() => {
        this.list.path = path;
        this.list.state.value = "loading";
        this.list.items.value = [];
        this.list.next.value = "";
      });
      this.list.load();
    });
  }

  /** Change what is looked at. */
  narrow(changes) {
    if (changes.ordering) forGood.set("tickets-ordering", changes.ordering);
    this.filters.value = {...this.filters.peek(), ...changes};
  }

  clear() {
    const {view, ordering} = this.filters.peek();
    this.filters.value = {...PRESET, view, ordering};
  }

  /** How many filters narrow the view, without the search. */
  get narrowed() {
    const {status, priority, team, assignee} = this.filters.value;
    return [status, priority, team, assignee].filter(Boolean).length;
  }

  reload() {
    this.list.load();
    this.count();
  }

  /** Count what is one's own to do and what waits for somebody: the totals of two lists of one row. */
  count() {
    if (this.counting) return;
    this.counting = setTimeout(() => (this.counting = null), COUNTING);
    for (const view of ["mine", "nobody"]) {
      const path = `tickets/list?${new URLSearchParams({...VIEWS[view], limit: "1"})}`;
      this.desk.api.list(path).then(
        ({total, more}) => (this.counts.value = {...this.counts.peek(), [view]: {total, more}}),
        () => {},
      );
    }
  }

  /** A changed ticket is shown as it now is at once; whether and where it belongs, the next load says. */
  #event({type, objectId, data}) {
    const items = this.list.items.peek();
    const gone = type === "ticket.moved_away" || type === "ticket.deleted";
    if (items.some(({id}) => id === objectId)) {
      this.list.items.value = gone ? items.filter(({id}) => id !== objectId) : items.map((each) => (each.id === objectId ? {...each, ...data} : each));
    }
    if (!gone) {
      this.fresh.value = new Set([...this.fresh.peek(), objectId]);
      setTimeout(() => (this.fresh.value = new Set([...this.fresh.peek()].filter((id) => id !== objectId))), 2500);
    }
    this.list.load();
    clearTimeout(this.recount);
    this.recount = setTimeout(() => this.count(), COUNTING + 50);
  }
}

export function pathOf({view, q, status, priority, team, assignee, ordering}) {
  const given = {...VIEWS[view], ...(status && {status}), ...(priority && {priority}), ...(team && {team}), ...(assignee && {assignee}), ...(q.trim() && {q: q.trim().slice(0, 200)})};
  return `tickets/list?${new URLSearchParams({...given, ordering, limit: "50"})}`;
}

const known = new WeakMap();

/** The one board of a desk: it stays as it was while one looks elsewhere. */
export function boardOf(desk) {
  if (!known.has(desk)) {
    const board = new Board(desk);
    known.set(desk, board);
    board.reload();
  }
  return known.get(desk);
}
