/** How long a visitor has been waiting for an answer, coloured by how urgent that is. Said in words too. */

import {html} from "../html.js";
import {fill, gettext, inUnits} from "../i18n.js";

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

/** A length of time, short, as `ago` says it: "<1m", "12m", "3h", "2d". */
export function lengthOf(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `<${inUnits(1, "minute")}`;
  if (minutes < 60) return inUnits(minutes, "minute");
  if (minutes < 48 * 60) return inUnits(Math.floor(minutes / 60), "hour");
  return inUnits(Math.floor(minutes / 1440), "day");
}
