/** What the field suggests: canned replies and colleagues, loaded when first asked for, anew when they changed. */

const MOST = 200;

/** Whether a colleague's name or e-mail has a word in it. */
export const says = ({nickname, username, email}, word) =>
  `${nickname} ${username} ${email ?? ""}`.toLocaleLowerCase().includes(word.toLocaleLowerCase());

export class Suggest {
  /** @param {import("../desk.js").Desk} desk */
  constructor(desk) {
    this.desk = desk;
    for (const type of ["reply.*", "resync"]) desk.on(type, () => (this.kept = null));
    for (const type of ["user.*", "team.*", "resync"]) desk.on(type, () => (this.people = null));
  }

  /** The canned replies that a word finds: by shortcut first, then by what they say. */
  async replies(word) {
    const all = await (this.kept ??= this.#load(`replies/list?limit=${MOST}&ordering=shortcut`, "kept"));
    const wanted = word.toLocaleLowerCase();
    const says = ({title, content}) => `${title} ${content}`.toLocaleLowerCase().includes(wanted);
    const begins = ({shortcut}) => shortcut.toLocaleLowerCase().startsWith(wanted);
    const found = [...all.filter(begins), ...(wanted ? all.filter((each) => !begins(each) && says(each)) : [])];
    if (found.length || all.length < MOST || !wanted) return found;
    return (await this.desk.api.list(`replies/list?limit=20&q=${encodeURIComponent(word)}`)).items;
  }

  /** Colleagues whose name a word begins, without oneself. */
  async colleagues(word) {
    const all = await this.everybody();
    const wanted = word.toLocaleLowerCase();
    const names = ({nickname, username}) => `${nickname} ${username}`.toLocaleLowerCase().split(/[\s.@]+/);
    return all.filter((each) => names(each).some((name) => name.startsWith(wanted)) || each.nickname.toLocaleLowerCase().includes(wanted));
  }

  /** Colleagues whose name or e-mail has a word in it, without oneself; all of them where there is none. */
  async find(word) {
    const all = await this.everybody();
    const found = all.filter((each) => says(each, word));
    if (!word || all.length < MOST - 1) return found;
    // Some are known, and others of that name may not be.
    const known = new Set([this.desk.profile.peek()?.id, ...found.map(({id}) => id)]);
    const {items} = await this.desk.api.list(`users/list?active=true&limit=20&q=${encodeURIComponent(word)}`);
    return [...found, ...items.filter(({id}) => !known.has(id))];
  }

  /** All colleagues there are, without oneself; who is there comes first. */
  async everybody() {
    const all = await (this.people ??= this.#load(`users/list?active=true&limit=${MOST}&ordering=username`, "people"));
    const me = this.desk.profile.peek()?.id;
    const order = ["AVAILABLE", "BUSY", "OFFLINE"];
    return all.filter(({id}) => id !== me).sort((one, other) => order.indexOf(one.status) - order.indexOf(other.status));
  }

  #load(path, name) {
    return this.desk.api.list(path).then(
      ({items}) => items,
      (error) => {
        this[name] = null;
        throw error;
      },
    );
  }
}
