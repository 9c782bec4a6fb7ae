/** Making a ticket: the dialog is opened, and what came of it is said with a way to it. */

import {fill, gettext} from "../../i18n.js";

/** Ask for a new ticket; `thread`: of this conversation. Resolves with the ticket, or null. */
export async function createTicket(desk, thread = null) {
  const ticket = await desk.ask("ticket", {thread});
  if (!ticket) return null;
  const text = fill(gettext("Ticket #%(number)s was created."), {number: ticket.number});
  if (desk.place.peek().view === "tickets") {
    desk.select({ticket: ticket.id});
    desk.say(text);
  } else {
    desk.toast({text, action: {title: gettext("Open"), run: () => desk.select({ticket: ticket.id})}});
  }
  return ticket;
}
