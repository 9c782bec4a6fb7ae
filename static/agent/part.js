/**
 * A part of the workstation alone, for products that embed no more than that (docs/embedding.md): which one, and of
 * what, the page's address said (`view=`) and the desk wrote into the page.
 */

import {html} from "./html.js";
import {gettext} from "./i18n.js";

const {part = "", partOf = ""} = document.documentElement.dataset;

/** "", or inbox, thread, ticket, badge, stats. */
export const shownPart = part;

/** Where a part begins, and where it comes back to; null for the whole workstation. */
function home() {
  switch (part) {
    case "inbox":
      return {view: "threads", thread: null};
    case "thread":
      return {view: "threads", thread: partOf || null};
    case "ticket":
      return {view: "tickets", ticket: partOf || null};
    case "stats":
      return {view: "overview"};
    default:
      return null;
  }
}

/** Keep a desk to its part: what leads back to a list that the part has not leads to where it began. */
export function keepToPart(desk) {
  const begin = home();
  if (!begin) return;
  const select = desk.select.bind(desk);
  desk.select = (to) => {
    const something = to.thread || to.ticket || (part === "inbox" && (to.list || to.thread === null));
    select(something ? to : begin);
  };
  select(begin.thread === null && desk.place.peek().thread ? {view: "threads", thread: desk.place.peek().thread} : begin);
}

/** What a part shows whose conversation or ticket nobody has named. */
export function unnamed(place) {
  return (part === "thread" && place.view === "threads" && !place.thread) || (part === "ticket" && place.view === "tickets" && !place.ticket);
}

/** How much is unread, and nothing else. */
export function Badge({desk}) {
  const unread = desk.unread.value;
  const words = unread ? gettext("Unread messages") : gettext("Nothing unread");
  return html`<p class="badge-part" role="status"><span class=${`badge ${unread ? "" : "is-none"}`}>${unread > 99 ? "99+" : unread}</span><span class="badge-words">${words}</span></p>`;
}
