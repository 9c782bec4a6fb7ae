/** The panel beside a conversation: who the visitor is, what the conversation is about, and the integrators' own pages. */

import {useState} from "preact/hooks";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {amongColleagues} from "../../store/kinds.js";
import {CloseIcon} from "../pieces.js";
import {style} from "../kit/style.js";
import {Conversation} from "./conversation.js";
import {Frame, usePanels} from "./frames.js";
import {Colleague, Group} from "./group.js";
import {History} from "./history.js";
import {Pages} from "./pages.js";
import {Tickets} from "./tickets.js";
import {Visitor} from "./visitor.js";
import {useVisitor} from "./visitors.js";

await Promise.all([style(new URL("../kit/kit.css", import.meta.url)), style(new URL("./side.css", import.meta.url))]);

export default function SidePanel({desk, thread}) {
  if (amongColleagues(thread)) {
    return html`<div class="side">
      <${Top} desk=${desk}><h2 class="side-title">${gettext("Details")}</h2><//>
      <div class="side-body">${thread.type === "GROUP" ? html`<${Group} desk=${desk} thread=${thread} />` : html`<${Colleague} person=${thread.user} />`}</div>
    </div>`;
  }
  return html`<${Panel} key=${thread.user?.id} desk=${desk} thread=${thread} id=${thread.user?.id} />`;
}

function Panel({desk, thread, id}) {
  const visitor = useVisitor(desk, id);
  const panels = usePanels(desk);
  const [shown, show] = useState("");
  const panel = panels.find(({title}) => title === shown);
  return html`<div class="side">
    <${Top} desk=${desk}>
      ${panels.length ? html`<${Tabs} panels=${panels} shown=${panel ? shown : ""} show=${show} />` : html`<h2 class="side-title">${gettext("Details")}</h2>`}
    <//>
    <div class="side-body" id="side-body" tabindex=${panels.length ? 0 : -1} role=${panels.length ? "tabpanel" : undefined} aria-label=${panel?.title ?? gettext("Details")}>
      ${panel && id
        ? html`<${Frame} key=${panel.url} panel=${panel} visitor=${visitor} />`
        : html`<${Visitor} desk=${desk} thread=${thread} visitor=${visitor} />
            <${Conversation} desk=${desk} thread=${thread} />
            ${id && html`
              <${Pages} desk=${desk} visitor=${id} />
              <${Tickets} desk=${desk} thread=${thread} visitor=${id} />
              <${History} desk=${desk} thread=${thread} visitor=${id} />
            `}`}
    </div>
  </div>`;
}

/** Above the panel: its name or its tabs, and where it lies over the conversation, the way back. */
function Top({desk, children}) {
  return html`<div class="side-top">${children}
    <button type="button" class="icon-button side-close" aria-label=${gettext("Hide the details")} onClick=${() => leave(desk)}><${CloseIcon} /></button>
  </div>`;
}

/** Hide the panel; the focus goes back to the button that shows it. */
function leave(desk) {
  desk.side.toggle(false);
  document.querySelector(".talk-actions [aria-pressed]")?.focus();
}

/** Between the details and the integrators' pages, as tabs are everywhere: the arrow keys go along them. */
function Tabs({panels, shown, show}) {
  const tabs = [{title: "", name: gettext("Details")}, ...panels.map(({title}) => ({title, name: title}))];
  const move = (event) => {
    const at = tabs.findIndex(({title}) => title === shown);
    const to = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + tabs.length) % tabs.length;
    show(tabs[next].title);
    event.currentTarget.children[next].focus();
  };
  return html`<div class="side-tabs" role="tablist" aria-label=${gettext("Details")} onKeyDown=${move}>
    ${tabs.map(({title, name}) => html`<button type="button" role="tab" key=${title} aria-selected=${String(title === shown)} aria-controls="side-body"
      tabindex=${title === shown ? 0 : -1} onClick=${() => show(title)}><bdi>${name}</bdi></button>`)}
  </div>`;
}
