/**
 * The parts of the page that are loaded when they are first shown, by the slot that shows them. Each is a module whose
 * default export is a component:
 *
 *   side      the panel at the right                  {desk, thread}   thread: the object of the conversation shown
 *   tickets   the list of tickets in the left pane    {desk}
 *   ticket    one ticket in the middle                {desk, id}
 *   overview  the supervisor's view in the middle     {desk}
 *
 * A slot without a part shows nothing, or what the page itself has for it.
 */

export const PARTS = {
  side: () => import("./view/side/panel.js"),
  tickets: () => import("./view/tickets/list.js"),
  ticket: () => import("./view/tickets/ticket.js"),
  overview: () => import("./view/live.js"),
};
