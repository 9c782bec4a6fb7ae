/** Who wants to hear what: `on` names a type, the beginning of one (`thread.*`), or everything (`*`). */

export class Emitter {
  #handlers = new Map();

  /** Call the handler on each such event; returns what ends it. */
  on(type, handler) {
    const set = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, set.add(handler));
    return () => set.delete(handler);
  }

  /** A handler that throws is reported, and stops nobody else's. */
  emit(type, event) {
    for (const name of new Set([type, `${type.split(".")[0]}.*`, "*"])) {
      for (const handler of [...(this.#handlers.get(name) ?? [])]) {
        try {
          handler(event, type);
        } catch (error) {
          reportError(error);
        }
      }
    }
  }
}
