/** The tickets of this visitor, and the way to make one of this conversation. */

import {perform, threadActions} from "../../actions.js";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {When} from "../pieces.js";
import {useLoaded} from "../kit/loaded.js";
import {More, Part} from "../kit/states.js";
import {StatusPill} from "../tickets/words.js";
import {Section} from "./section.js";

export function Tickets({desk, thread, visitor}) {
  const concerns = ({data, objectId}) => data?.requester?.id === visitor || data?.originThread === thread.id || found.items.peek().some(({id}) => id === objectId);
  const found = useLoaded(desk, `tickets/list?requester=${visitor}&limit=5&ordering=-updatedAt`, {"ticket.*": (event) => concerns(event)});
  const items = found.items.value;
  const title = gettext("Tickets");
  const make = () => perform(desk, threadActions(desk).find(({name}) => name === "ticket"), thread);
  const action = desk.may("tickets:write") && html`<button type="button" class="link" title=${`${gettext("Create a ticket…")} (C)`} aria-keyshortcuts="c" onClick=${make}>${gettext("Create…")}</button>`;
  return html`<${Section} name="tickets" title=${title} action=${action}>
    <${Part} loaded=${found} label=${title} empty=${!items.length && gettext("No tickets yet")}>
      <ul class="mini">
        ${items.map((ticket) => html`<li key=${ticket.id}>
          <button type="button" class="mini-row" onClick=${() => desk.select({ticket: ticket.id})}>
            <span class="mini-text" dir="auto"><span class="number">#${ticket.number}</span> ${ticket.title}</span>
            <span class="mini-more">
              <${When} at=${ticket.updatedAt} now=${desk.now.value} />
              <${StatusPill} status=${ticket.status} />
              ${ticket.originThread === thread.id && html`<span class="mini-from">${gettext("from this conversation")}</span>`}
            </span>
          </button>
        </li>`)}
      </ul>
      <${More} loaded=${found} />
    <//>
  <//>`;
}
