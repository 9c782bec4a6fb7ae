/** Text in which the words that were looked for stand out, and the part of a long text around them. */

import {html} from "../../html.js";

const BEFORE = 14; // characters shown before what was found

/** Where a text has what was looked for, as the desk finds it: anywhere, in either case; or -1. */
export const placeOf = (text, wanted) => (wanted ? (text ?? "").toLocaleLowerCase().indexOf(wanted.trim().toLocaleLowerCase()) : -1);

const SHORT = /^[a-z0-9]{1,2}$/i; // so much of an alphabet is how a word begins

/** The text, with every place of `wanted` marked. */
export function marked(text, wanted) {
  const word = wanted?.trim();
  if (!word || !text) return text;
  const begins = SHORT.test(word) ? "(?<=^|[\\s(@])" : "";
  const parts = text.split(new RegExp(`${begins}(${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")})`, "giu"));
  return parts.length === 1 ? text : parts.map((part, at) => (at % 2 ? html`<mark key=${at}>${part}</mark>` : part));
}

/** A text from shortly before what was found in it, on one line. */
export function snippet(text, wanted) {
  const flat = (text ?? "").replace(/\s+/g, " ");
  const at = placeOf(flat, wanted);
  return at > BEFORE * 2 ? `…${flat.slice(at - BEFORE)}` : flat;
}
