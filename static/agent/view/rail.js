/** The rail: where one can go. At the left where there is room, at the bottom of a narrow page. */

import {html} from "../html.js";
import {count, fill, gettext, ngettext} from "../i18n.js";
import {filled} from "./slot.js";
import {GearIcon, KeyboardIcon, Mark, OverviewIcon, ThreadIcon, TicketIcon} from "./pieces.js";

export function Rail({desk}) {
  const {view} = desk.place.value;
  const unread = desk.unread.value;
  const places = [
    {name: "threads", title: gettext("Chats"), icon: ThreadIcon, badge: unread},
    {name: "tickets", title: gettext("Tickets"), icon: TicketIcon},
    filled("overview") && desk.leads && {name: "overview", title: gettext("Overview"), icon: OverviewIcon},
  ].filter(Boolean);
  return html`<nav class="rail" aria-label=${gettext("Workstation")}>
    <span class="rail-mark"><${Mark} /></span>
    ${places.map(({name, title, icon: Icon, badge}) => html`<button type="button" key=${name} class="rail-place"
      aria-current=${view === name ? "page" : undefined} onClick=${() => desk.select(again(desk, name))}>
      <span class="rail-icon"><${Icon} />${badge > 0 && html`<span class="badge" aria-hidden="true">${badge > 99 ? "99+" : count(badge)}</span>`}</span>
      <span class="rail-title">${title}</span>
      ${badge > 0 && html`<span class="unseen">, ${fill(ngettext("%(n)s unread message", "%(n)s unread messages", badge), {n: badge})}</span>`}
    </button>`)}
    <span class="rail-gap"></span>
    <button type="button" class="rail-place is-minor" title=${gettext("Keyboard shortcuts")} onClick=${() => desk.ask("help")}>
      <span class="rail-icon"><${KeyboardIcon} /></span><span class="rail-title">${gettext("Keys")}</span>
    </button>
    <button type="button" class="rail-place" title=${gettext("Settings")} onClick=${() => desk.ask("settings")}>
      <span class="rail-icon"><${GearIcon} /></span><span class="rail-title">${gettext("Settings")}</span>
    </button>
  </nav>`;
}

/** Where one is already, the way leads back to the list: on a narrow page that is what one wants. */
function again(desk, name) {
  const {view} = desk.place.peek();
  if (view !== name) return {view: name};
  return name === "tickets" ? {view: name, ticket: null} : {view: name, thread: null};
}
