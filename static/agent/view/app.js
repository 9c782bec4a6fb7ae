/** The whole page: the rail, the bar, three panes that fold to one, and what lies on top; or the end of the session. */

import {useEffect} from "preact/hooks";
import {html} from "../html.js";
import {gettext} from "../i18n.js";
import {register} from "../actions.js";
import {Badge, shownPart, unnamed} from "../part.js";
import {Bar} from "./bar.js";
import {Pane} from "./conversation/pane.js";
import {DialogHost} from "./dialogs.js";
import {Ended} from "./ended.js";
import {Inbox} from "./inbox/inbox.js";
import {Banner, Toasts} from "./notices.js";
import {Blank, ThreadIcon, TicketIcon} from "./pieces.js";
import {Rail} from "./rail.js";
import {filled, prepare, Slot} from "./slot.js";

const AFTER = 3_000; // ms in which the page itself is loaded

export function App({desk}) {
  if (desk.ended.value) return html`<${Ended} code=${desk.ended.value} />`;
  return html`<${Shell} desk=${desk} />`;
}

function Shell({desk}) {
  useEffect(() => register(desk), []);
  useEffect(() => {
    const timer = setTimeout(() => prepare(["side", "tickets", "ticket"]), AFTER);
    return () => clearTimeout(timer);
  }, []);
  const {view, thread, ticket} = desk.place.value;
  const part = shownPart.value;
  if (part === "badge") return html`<${Badge} desk=${desk} /><p class="unseen" role="status">${desk.spoken.value}</p>`;
  // On a narrow page one pane is shown: what was chosen, or what to choose from.
  const deep = part === "thread" || part === "ticket" || view === "overview" || (view === "threads" ? !!thread : !!ticket);
  return html`
    ${!part && html`<nav aria-label=${gettext("Skip")}>
      <a class="skip" href="#main" onClick=${(event) => jump(event, "#main")}>${gettext("Skip to the conversation")}</a>
      ${desk.thread.value && html`<a class="skip" href="#write" onClick=${(event) => jump(event, "#write")}>${gettext("Skip to the answer field")}</a>`}
    </nav>`}
    ${!part && html`<${Rail} desk=${desk} />`}
    <div class="frame">
      <${Bar} desk=${desk} />
      <${Banner} desk=${desk} />
      <div class=${`panes is-${view} ${deep ? "is-deep" : ""}`}>
        ${view === "threads" && (!part || part === "inbox") && html`<${Inbox} desk=${desk} />`}
        ${view === "tickets" && !part && html`<section class="pane pane-list" aria-labelledby="tickets-title">
          <${Slot} name="tickets" desk=${desk} />
        </section>`}
        <${Middle} desk=${desk} />
        <${Side} desk=${desk} />
      </div>
    </div>
    <${Toasts} desk=${desk} />
    <${DialogHost} desk=${desk} />
    <p class="unseen" role="status" aria-live="polite">${desk.spoken.value}</p>
  `;
}

function Middle({desk}) {
  const {view, thread, ticket} = desk.place.value;
  if (unnamed(desk.place.value)) {
    return html`<main class="pane pane-main" id="main" tabindex="-1"><${Blank} icon=${shownPart.value === "ticket" ? TicketIcon : ThreadIcon} title=${gettext("Nothing is open")} text=${gettext("The page that embeds this part says which one to show.")} /></main>`;
  }
  const label = {threads: gettext("Conversation"), tickets: gettext("Ticket"), overview: gettext("Overview")}[view];
  return html`<main class="pane pane-main" id="main" tabindex="-1" aria-label=${label}>
    ${view === "threads" && html`<${Pane} key=${thread} desk=${desk} id=${thread} />`}
    ${view === "tickets" && html`<${Slot} key=${ticket} name="ticket" desk=${desk} id=${ticket} />`}
    ${view === "overview" && html`<${Slot} name="overview" desk=${desk} />`}
  </main>`;
}

/** The panel at the right: beside the conversation, or over it where there is no room. */
function Side({desk}) {
  const thread = desk.thread.value;
  const shown = desk.side.shown.value && thread && filled("side");
  if (!shown) return null;
  return html`<aside class="pane pane-side" aria-label=${gettext("Details")}>
    <${Slot} name="side" desk=${desk} thread=${thread} />
  </aside>`;
}

function jump(event, selector) {
  event.preventDefault();
  document.querySelector(selector)?.focus();
}
