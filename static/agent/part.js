/**
 * A part of the workstation alone, for products that embed no more than that (docs/embedding.md): which one, and of
 * what, the page's address said (`view=`) and the desk wrote into the page; later the page around may ask for another.
 */

import {batch, signal} from "@preact/signals";
import {html} from "./html.js";
import {gettext} from "./i18n.js";

const {dataset} = document.documentElement;

/** "", or inbox, thread, ticket, badge, stats. */
export const shownPart = signal(dataset.part ?? "");
let partOf = dataset.partOf ?? "";

/** Where a part begins, and where it comes back to; null for the whole workstation. */
function home(part = shownPart.peek()) {
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
  if (!shownPart.peek()) return;
  const select = desk.select.bind(desk);
  desk.select = (to) => {
    const part = shownPart.peek();
    const something = to.thread || to.ticket || (part === "inbox" && (to.list || to.thread === null));
    select(something ? to : home() ?? {});
  };
  const begin = home();
  if (begin) select(begin.thread === null && desk.place.peek().thread ? {view: "threads", thread: desk.place.peek().thread} : begin);
}

let turn = 0;

/** Wait for what shall be shown. False where something else was asked for meanwhile: the last that was asked for stays. */
async function isLast(loading) {
  const own = ++turn;
  await loading;
  return own === turn;
}

/** Go to a conversation at the word of the page around. */
export async function openThread(desk, id) {
  if (await isLast(desk.threads.fetch(id))) desk.select({thread: id});
}

/**
 * Show something else at the word of the page around: a frame that shows a part shows that part from now on, the whole
 * workstation goes there. Rejects with the desk's refusal where this agent may not see it.
 * @param {{view: string, id?: string}} to
 */
export async function showPart(desk, {view, id = ""}) {
  if (view === "badge" && !shownPart.peek()) throw new Error("only a part can become the badge");
  const loading = {thread: () => desk.threads.fetch(id), ticket: () => desk.api.get(`tickets/${encodeURIComponent(id)}`)}[view];
  if (!(await isLast(loading?.()))) return;
  batch(() => {
    if (shownPart.peek()) {
      partOf = id;
      shownPart.value = dataset.part = view;
      dataset.partOf = id;
    }
    if (view === "thread") desk.select({thread: id});
    else if (view === "ticket") desk.select({ticket: id});
    else desk.select(view === "stats" ? {view: "overview"} : {view: "threads", thread: null});
  });
}

/** What a part shows whose conversation or ticket nobody has named. */
export function unnamed(place) {
  const part = shownPart.value;
  return (part === "thread" && place.view === "threads" && !place.thread) || (part === "ticket" && place.view === "tickets" && !place.ticket);
}

/** How much is unread, and nothing else. */
export function Badge({desk}) {
  const unread = desk.unread.value;
  const words = unread ? gettext("Unread messages") : gettext("Nothing unread");
  return html`<p class="badge-part" role="status"><span class=${`badge ${unread ? "" : "is-none"}`}>${unread > 99 ? "99+" : unread}</span><span class="badge-words">${words}</span></p>`;
}
