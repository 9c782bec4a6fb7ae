/** The newest tickets. */

import {html} from "../html.js";
import {gettext} from "../i18n.js";
import {ListBody, SmallFace, TicketIcon, When} from "./pieces.js";

export function Tickets({desk, tabbed}) {
  const {tickets} = desk;
  const title = gettext("Tickets");
  const empty = {
    title: gettext("No tickets yet"),
    text: gettext("New tickets appear here by themselves."),
  };
  return html`
    <div class=${`pane-head ${tabbed ? "unseen" : ""}`}>
      <h2 id="tickets-title">${title}</h2>
      ${tickets.total.value && html`<span class="total">${tickets.total.value}</span>`}
    </div>
    <${ListBody} list=${tickets} label=${title} empty=${empty} icon=${TicketIcon}>
      ${tickets.items.value.map(
        (each) => html`<${Row} key=${each.id} ticket=${each} fresh=${tickets.fresh.value.has(each.id)} now=${desk.now.value} />`,
      )}
    <//>
  `;
}

function Row({ticket, fresh, now}) {
  const {requester, assignee} = ticket;
  return html`<li class=${`row ${fresh ? "is-fresh" : ""}`}>
    <${Priority} priority=${ticket.priority} />
    <span class="row-text">
      <span class="row-line">
        <span class="row-title" dir="auto">${ticket.title}</span>
        <${When} at=${ticket.updatedAt} now=${now} />
      </span>
      <span class="row-line">
        <span class="row-more">
          <span class="number">#${ticket.number}</span>
          ${requester && html` · <bdi>${requester.nickname || requester.email}</bdi>`}
        </span>
        <${Status} status=${ticket.status} />
        <${SmallFace} person=${assignee} />
      </span>
    </span>
  </li>`;
}

/** Four bars, filled by urgency: told apart by shape, not by colour alone. */
function Priority({priority}) {
  const names = {
    low: gettext("Low priority"),
    medium: gettext("Medium priority"),
    high: gettext("High priority"),
    urgent: gettext("Urgent"),
  };
  const level = Object.keys(names).indexOf(priority) + 1;
  return html`<span class=${`priority is-${priority}`} title=${names[priority] ?? priority}>
    <svg viewBox="0 0 20 20" aria-hidden="true">
      ${[1, 2, 3, 4].map(
        (bar) => html`<rect key=${bar} x=${bar * 5 - 4} y=${16 - bar * 3.5} width="3" height=${bar * 3.5} rx="1" class=${bar <= level ? "is-full" : ""} />`,
      )}
    </svg>
    <span class="unseen">${names[priority] ?? priority}</span>
  </span>`;
}

function Status({status}) {
  const names = {
    open: gettext("Open"),
    pending: gettext("Pending"),
    on_hold: gettext("On hold"),
    resolved: gettext("Resolved"),
    closed: gettext("Closed"),
  };
  return html`<span class=${`pill is-${status}`}>${names[status] ?? status}</span>`;
}
