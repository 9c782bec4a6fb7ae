/**
 * Everything an agent can do by key, and so also the commands of the palette and the page of help.
 *
 * A key is written `a`, `?`, `mod+k` (Ctrl, on a Mac ⌘), `Escape`, `ArrowDown`, or two in a row, `p b`. Letters alone
 * work while nobody writes (and can be switched off, WCAG 2.1.4); with Alt they work everywhere, so that an agent in
 * the middle of a sentence need not leave the field.
 */

import {signal} from "@preact/signals";

const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
const SECOND = 1500; // ms in which the second of two keys comes

export class Shortcuts {
  /** @param {{singleKeys: import("@preact/signals").Signal<boolean>}} prefs */
  constructor(prefs) {
    this.prefs = prefs;
    this.entries = signal([]);
    this.providers = new Set();
    this.begun = null;
    document.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /**
   * Offer something to do.
   * @param {object} entry
   * @param {string} [entry.key] without one it is a command of the palette alone
   * @param {string} entry.title what it does, in the page's language
   * @param {string} [entry.group] under which heading the help shows it
   * @param {(event?: KeyboardEvent) => void} entry.run
   * @param {() => boolean} [entry.when] whether it can be done now
   * @param {boolean} [entry.hidden] not a command of the palette (moving about, say)
   * @returns {() => void} what takes it back
   */
  register(entry) {
    this.entries.value = [...this.entries.peek(), entry];
    return () => (this.entries.value = this.entries.peek().filter((each) => each !== entry));
  }

  /** Answer what is typed into the palette: `(text, signal) => Promise<{title, hint, group, run}[]>`. */
  provide(search) {
    this.providers.add(search);
    return () => this.providers.delete(search);
  }

  /** What can be done now. */
  available() {
    return this.entries.value.filter(({when}) => !when || when());
  }

  /** The key of what is done by `key`, for `aria-keyshortcuts`. */
  static spoken(key) {
    return key.replace("mod", MAC ? "Meta" : "Control");
  }

  #pressed(event) {
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
    if (document.querySelector("dialog[open]")) return; // it has keys of its own
    const name = nameOf(event);
    const alone = !event.altKey && !event.ctrlKey && !event.metaKey && name !== "Escape";
    if (alone && !this.begun && (writes(event.target) || !this.prefs.singleKeys.peek())) return;
    const keys = this.begun ? [`${this.begun} ${bare(name)}`] : [name, bare(name)];
    clearTimeout(this.waiting);
    this.begun = null;
    for (const key of keys) {
      // The newest one wins: what is open on top of the rest is registered last.
      const entry = this.available().findLast((each) => each.key === key);
      if (entry) {
        event.preventDefault();
        return entry.run(event);
      }
    }
    if (this.available().some(({key}) => key?.startsWith(`${bare(name)} `))) {
      event.preventDefault();
      this.begun = bare(name);
      this.waiting = setTimeout(() => (this.begun = null), SECOND);
    }
  }
}

const bare = (name) => name.replace(/^alt\+/, "");

function nameOf({key, code, altKey, ctrlKey, metaKey, shiftKey}) {
  if (ctrlKey && altKey) return ""; // AltGr writes signs
  // With Alt a Mac writes signs (å): the key itself says which letter it is.
  const letter = /^(?:Key|Digit)(\w)$/.exec(code)?.[1];
  let name = altKey && letter ? letter.toLowerCase() : key.length === 1 ? key.toLowerCase() : key;
  if (shiftKey && (key.length > 1 || /^[a-z]$/i.test(key))) name = `shift+${name}`;
  if (altKey) name = `alt+${name}`;
  if (ctrlKey || metaKey) name = `mod+${name}`;
  return name;
}

function writes(target) {
  return target?.matches?.("input:not([type=radio], [type=checkbox], [type=button]), textarea, select, [contenteditable]") ?? false;
}

/** How a key is written for people: `["Ctrl", "K"]`; two in a row are two lists. */
export function keycaps(key) {
  const names = {mod: MAC ? "⌘" : "Ctrl", alt: MAC ? "⌥" : "Alt", shift: "⇧", Escape: "Esc", Enter: "⏎", ArrowDown: "↓", ArrowUp: "↑"};
  return key.split(" ").map((each) => (each === "+" ? ["+"] : each.split("+").map((part) => names[part] ?? part.toUpperCase())));
}
