/**
 * Changes to one object while somebody else may change it too. What the two changed apart from each other goes
 * together by itself; where both changed the same field, who writes second chooses.
 */

import {batch, signal} from "@preact/signals";
import {readTagged, writeTagged} from "./tagged.js";

const TRIES = 3; // changes of others that are put together with ours before one asks to look

export class Draft {
  /** @param {import("../../desk.js").Desk} desk @param {string} path of the object, below /api/ */
  constructor(desk, path) {
    Object.assign(this, {desk, path, etag: ""});
    this.base = signal(null); // the object as it was read, or null
    this.changes = signal({}); // what is written differently here
    this.clashes = signal([]); // {name, theirs, mine}: fields that both have changed
    this.errors = signal({}); // field → what is wrong with it
    this.saving = signal(false);
    this.problem = signal(null);
  }

  /** Read the object (again). What is being changed stays as it is written here. */
  async load() {
    try {
      const {object, etag} = await readTagged(this.desk, this.path);
      if (Object.keys(this.changes.peek()).length && this.base.peek()) return object; // judged when it is saved
      this.#rest(object, etag);
      return object;
    } catch (error) {
      this.problem.value = error;
      return null;
    }
  }

  /** A field as it is written here. */
  value(name) {
    const changes = this.changes.value;
    return name in changes ? changes[name] : this.base.value?.[name];
  }

  set(name, value) {
    const {[name]: _, ...others} = this.changes.peek();
    const {[name]: __, ...errors} = this.errors.peek();
    batch(() => {
      this.changes.value = same(value, this.base.peek()?.[name]) ? others : {...others, [name]: value};
      this.errors.value = errors;
      this.clashes.value = this.clashes.peek().filter((each) => each.name !== name);
    });
  }

  reset() {
    batch(() => {
      this.changes.value = {};
      this.clashes.value = [];
      this.errors.value = {};
    });
  }

  get dirty() {
    return Object.keys(this.changes.value).length > 0;
  }

  /** In a clash, take ours or theirs. */
  choose(name, mine) {
    const clash = this.clashes.peek().find((each) => each.name === name);
    if (!clash) return;
    batch(() => {
      this.clashes.value = this.clashes.peek().filter((each) => each !== clash);
      if (!mine) this.set(name, clash.theirs);
    });
  }

  /**
   * Save what was changed. Resolves with the object as it now is, or null where something keeps it from being saved:
   * then `clashes`, `errors` or `problem` say what.
   */
  save() {
    // What is written while something is being saved is saved after it.
    return (this.running = (this.running ?? Promise.resolve()).then(() => this.#save()));
  }

  async #save() {
    this.saving.value = true;
    this.problem.value = null;
    try {
      for (let tries = 0; ; tries++) {
        const changes = this.changes.peek();
        if (!Object.keys(changes).length) return this.base.peek();
        try {
          const {object, etag} = await writeTagged(this.desk, this.path, changes, this.etag);
          this.#rest(object, etag, changes);
          return object;
        } catch (error) {
          if (error.code !== "conflict" || tries === TRIES) throw error;
          if (this.#meet(error.problem.current, error.etag)) return null;
        }
      }
    } catch (error) {
      this.#refused(error);
      return null;
    } finally {
      this.saving.value = false;
    }
  }

  /** Take an object that is newer; what was saved is no change any more, what was written since still is one. */
  #rest(object, etag, saved = {}) {
    this.etag = etag;
    batch(() => {
      this.base.value = object;
      const left = Object.entries(this.changes.peek()).filter(([name, value]) => !(name in saved && same(saved[name], value)) && !same(value, object[name]));
      this.changes.value = Object.fromEntries(left);
      this.clashes.value = [];
      this.errors.value = {};
    });
  }

  /** Somebody was faster. Returns whether the reader must choose. */
  #meet(current, etag) {
    const before = this.base.peek();
    const changes = this.changes.peek();
    const both = Object.keys(changes).filter((name) => !same(current[name], before[name]) && !same(current[name], changes[name]));
    this.etag = etag;
    batch(() => {
      this.base.value = current;
      this.clashes.value = both.map((name) => ({name, theirs: current[name], mine: changes[name]}));
    });
    return both.length > 0;
  }

  #refused(error) {
    const fields = (error.problem?.errors ?? []).filter(({field}) => field);
    // The desk names a member of a part ("visitor.email"): the field is its last word.
    this.errors.value = Object.fromEntries(fields.map(({field, detail}) => [field.split(".").find((word) => word !== "visitor") ?? field, detail]));
    this.problem.value = error;
  }
}

/** Whether two values are the same to who writes them: people, teams and files by their id, the rest as JSON. */
export function same(one, other) {
  return comparable(one) === comparable(other);
}

function comparable(value) {
  if (value && typeof value === "object" && "id" in value) return value.id;
  if (value && typeof value === "object" && !Array.isArray(value)) {
    return JSON.stringify(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
  }
  if (Array.isArray(value)) return JSON.stringify(value.map((each) => each?.id ?? each));
  return typeof value === "object" ? JSON.stringify(value ?? null) : value ?? "null";
}
