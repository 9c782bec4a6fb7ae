/**
 * Where the agent is: which view, which list, which conversation or ticket. It is kept in the address's hash, so that a
 * reload comes back to it; never as a new entry of the history: in a frame, Back belongs to the page around.
 */

import {gettext} from "./i18n.js";

export const LISTS = ["mine", "queue", "team", "all"];
const VIEWS = ["threads", "tickets", "overview"];
const NOWHERE = {view: "threads", list: "mine", thread: null, ticket: null};

export const listNames = () => ({
  mine: gettext("Mine"),
  queue: gettext("Queue"),
  team: gettext("Team"),
  all: gettext("All"),
});

/** Return where the address says, else the own conversations. */
export function startingPlace() {
  const [view, list, id] = location.hash.slice(1).split("/");
  if (view === "ticket" && /^[\w-]{1,64}$/.test(list ?? "")) return {...NOWHERE, view: "tickets", ticket: list};
  if (!VIEWS.includes(view)) return NOWHERE;
  const known = LISTS.includes(list) ? list : "mine";
  return {...NOWHERE, view, list: known, thread: /^[\w-]{1,64}$/.test(id ?? "") ? id : null};
}

/** Return the place that a wish leads to, and write it into the address. */
export function placed(from, wish) {
  const to = {...from, ...wish};
  if (!("view" in wish)) {
    if (wish.ticket) to.view = "tickets";
    else if (wish.thread || wish.list) to.view = "threads";
  }
  const hash = to.view === "tickets" && to.ticket ? `ticket/${to.ticket}` : [to.view, to.list, to.view === "threads" && to.thread].filter(Boolean).join("/");
  try {
    history.replaceState(history.state, "", `${location.pathname}${location.search}#${hash}`);
  } catch {
    // Browsers stop pages that write addresses too often; the place itself still changes.
  }
  return to;
}
