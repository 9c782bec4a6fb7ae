/**
 * What a browser keeps between two visits: the visitor's credential, messages not yet sent, whether there is sound.
 * On its own, the page keeps it in localStorage; in a widget, in the embedding page's (a frame may have none, and what
 * one site keeps is no other site's business); where everything is blocked, in memory.
 */

const PREFIX = "inlay-chat:";

/** @param {Record<string, string>} kept what there is @param {(key: string, value: string|null) => void} write */
export class Store {
  constructor(kept, write) {
    this.kept = new Map(Object.entries(kept).filter(([key, value]) => key.startsWith(PREFIX) && typeof value === "string"));
    this.write = write;
  }

  get(key) {
    return this.kept.get(key) ?? "";
  }

  set(key, value) {
    if (value) this.kept.set(key, value);
    else this.kept.delete(key);
    this.write(key, value || null);
  }

  /** Return the values whose keys begin with a text. */
  under(start) {
    return [...this.kept].filter(([key]) => key.startsWith(start)).map(([, value]) => value);
  }
}

export function localStore() {
  let storage;
  try {
    storage = localStorage;
  } catch {
    return new Store({}, () => {});
  }
  return new Store(Object.fromEntries(Object.entries(storage)), (key, value) => {
    try {
      if (value === null) storage.removeItem(key);
      else storage.setItem(key, value);
    } catch {
      // Full or blocked: this visit has it in memory.
    }
  });
}
