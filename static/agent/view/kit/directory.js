/** The people and teams of the desk, for whoever gives work to somebody: loaded once, kept on events. */

import {signal} from "@preact/signals";
import {gettext} from "../../i18n.js";

const PAGES = 5; // of 200: beyond that one searches by typing into the field
const GAP = 2000; // ms between two loads

class Directory {
  constructor(desk) {
    this.desk = desk;
    this.users = signal([]);
    this.teams = signal([]);
    this.state = signal("loading");
    this.load();
    for (const type of ["user.*", "team.*", "resync"]) desk.on(type, () => this.#soon());
  }

  async load() {
    const [users, teams] = await Promise.all([this.#all("users/list?active=true&limit=200"), this.#all("teams/list?limit=200")]);
    this.users.value = users ?? this.users.peek();
    this.teams.value = teams ?? this.teams.peek();
    this.state.value = users ? "ready" : "failed";
  }

  async #all(path) {
    const found = [];
    try {
      for (let page = 0; path && page < PAGES; page++) {
        const {items, next} = await this.desk.api.list(path);
        found.push(...items);
        path = next;
      }
      return found;
    } catch {
      return null; // without users:read one gives work to oneself or nobody
    }
  }

  #soon() {
    this.waiting ??= setTimeout(() => {
      this.waiting = null;
      this.load();
    }, GAP);
  }
}

const known = new WeakMap();

/** The one directory of a desk. */
export function directoryOf(desk) {
  if (!known.has(desk)) known.set(desk, new Directory(desk));
  return known.get(desk);
}

/** Who a piece of work can be given to, as options of a select: nobody, oneself, everybody by name. */
export function assigneeOptions(desk, current) {
  const me = desk.profile.value;
  const {users} = directoryOf(desk);
  const others = users.value.filter(({id}) => id !== me?.id);
  if (current?.id && current.id !== me?.id && !others.some(({id}) => id === current.id)) others.push(current);
  const named = others.map((user) => [user.id, user.nickname || user.username || user.email || ""]);
  named.sort(([, one], [, other]) => one.localeCompare(other));
  return [["", gettext("Nobody")], ...(me ? [[me.id, gettext("Me")]] : []), ...named];
}

/** The teams a piece of work can be given to: all of them for who leads, one's own for others. */
export function teamOptions(desk, current) {
  const own = desk.profile.value?.teams ?? [];
  const all = desk.leads ? directoryOf(desk).teams.value : own;
  const teams = current?.id && !all.some(({id}) => id === current.id) ? [...all, current] : all;
  return [["", gettext("No team")], ...teams.map(({id, name}) => [id, name])];
}
