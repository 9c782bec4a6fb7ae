/** How long a visitor has been waiting for an answer, coloured by how urgent that is. Said in words too. */

import {html} from "../html.js";
import {fill, gettext} from "../i18n.js";

const SOON = 2 * 60_000;
const LATE = 5 * 60_000;

/** Since when somebody waits, or "". */
export const waitsSince = (thread) => thread.waitingSince ?? (thread.state === "queued" && thread.type !== "MEMBER" ? thread.queuedAt ?? thread.createdAt : "");

export function Waiting({thread, now}) {
  const since = waitsSince(thread);
  if (!since) return null;
  const waited = Math.max(0, now - new Date(since));
  const tone = waited >= LATE ? "late" : waited >= SOON ? "soon" : "fresh";
  const length = lengthOf(waited);
  return html`<span class=${`wait is-${tone}`} title=${fill(gettext("Waiting for an answer: %(time)s"), {time: length})}>
    <span class="unseen">${gettext("Waiting")} </span>${length}
  </span>`;
}

/** A length of time, short: "<1 min", "12 min", "3 h", "2 d". */
export function lengthOf(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return gettext("<1 min");
  if (minutes < 60) return fill(gettext("%(n)s min"), {n: minutes});
  if (minutes < 48 * 60) return fill(gettext("%(n)s h"), {n: Math.floor(minutes / 60)});
  return fill(gettext("%(n)s d"), {n: Math.floor(minutes / 1440)});
}
