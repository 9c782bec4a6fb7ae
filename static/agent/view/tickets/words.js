/** What the fields of a ticket are called, and the pieces that show them. */

import {html} from "../../html.js";
import {gettext} from "../../i18n.js";

export const statusNames = () => ({
  open: gettext("Open"),
  pending: gettext("Pending"),
  on_hold: gettext("On hold"),
  resolved: gettext("Resolved"),
  closed: gettext("Closed"),
});

export const priorityNames = () => ({
  low: gettext("Low priority"),
  medium: gettext("Medium priority"),
  high: gettext("High priority"),
  urgent: gettext("Urgent"),
});

/** The same, shorter: where the field says what it is. */
const urgencies = () => ({low: gettext("Low"), medium: gettext("Medium"), high: gettext("High"), urgent: gettext("Urgent")});

export const fieldNames = () => ({
  title: gettext("Title"),
  content: gettext("Description"),
  status: gettext("Status"),
  priority: gettext("Priority"),
  assignee: gettext("Assignee"),
  team: gettext("Team"),
  requester: gettext("Requester"),
  tags: gettext("Tags"),
  type: gettext("Type"),
  dueAt: gettext("Due"),
  customFields: gettext("Custom fields"),
});

export const statusOptions = () => Object.entries(statusNames());
export const priorityOptions = () => Object.entries(urgencies());

export function StatusPill({status}) {
  return html`<span class=${`pill is-${status}`}>${statusNames()[status] ?? status}</span>`;
}

/** Four bars, filled by urgency: told apart by shape, not by colour alone. */
export function Priority({priority}) {
  const names = priorityNames();
  const level = Object.keys(names).indexOf(priority) + 1;
  return html`<span class=${`priority is-${priority}`} title=${names[priority] ?? priority}>
    <svg viewBox="0 0 20 20" aria-hidden="true">
      ${[1, 2, 3, 4].map((bar) => html`<rect key=${bar} x=${bar * 5 - 4} y=${16 - bar * 3.5} width="3" height=${bar * 3.5} rx="1" class=${bar <= level ? "is-full" : ""} />`)}
    </svg>
    <span class="unseen">${names[priority] ?? priority}</span>
  </span>`;
}
