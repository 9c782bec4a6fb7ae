/** What the browser may keep for this page. Storage throws where a frame's cookies are blocked: then it is memory. */

class Keep {
  /** @param {() => Storage} open */
  constructor(open) {
    this.memory = new Map();
    try {
      this.storage = open();
      this.storage.getItem("inlay");
    } catch {
      this.storage = null;
    }
  }

  get(key) {
    if (this.memory.has(key)) return this.memory.get(key);
    try {
      return JSON.parse(this.storage?.getItem(`inlay:${key}`) ?? "null");
    } catch {
      return null;
    }
  }

  /** Keep a value; null forgets it. */
  set(key, value) {
    this.memory.set(key, value);
    try {
      if (value === null) this.storage?.removeItem(`inlay:${key}`);
      else this.storage?.setItem(`inlay:${key}`, JSON.stringify(value));
    } catch {
      // Full or blocked: this page has it in memory.
    }
  }

  /** Return the values whose keys begin with a text. */
  under(start) {
    const stored = this.storage ? Object.keys(this.storage).filter((key) => key.startsWith(`inlay:${start}`)) : [];
    const keys = new Set([...stored.map((key) => key.slice("inlay:".length)), ...this.memory.keys()]);
    return [...keys].filter((key) => key.startsWith(start)).map((key) => this.get(key)).filter((value) => value !== null);
  }
}

/** Somebody's own part of what is kept: whoever signs in next in this tab must not find it, nor send it. */
export const partOf = (keep, person) => ({
  get: (key) => keep.get(`${person}:${key}`),
  set: (key, value) => keep.set(`${person}:${key}`, value),
  under: (start) => keep.under(`${person}:${start}`),
});

/** As long as the tab is open. */
export const forTab = new Keep(() => sessionStorage);

/** From one day to the next. */
export const forGood = new Keep(() => localStorage);
