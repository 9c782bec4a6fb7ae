/** The whole page: the bar above, the two lists below, or the end of the session. */

import {useSignal} from "@preact/signals";
import {useEffect, useRef} from "preact/hooks";
import {html} from "../html.js";
import {count, gettext} from "../i18n.js";
import {Bar} from "./bar.js";
import {Ended} from "./ended.js";
import {Threads} from "./threads.js";
import {Tickets} from "./tickets.js";

const NARROW = matchMedia("(max-width: 719.98px)");

export function App({desk}) {
  if (desk.ended.value) return html`<${Ended} code=${desk.ended.value} />`;
  return html`
    <${Bar} desk=${desk} />
    <${Panes} desk=${desk} />
    <p class="unseen" role="status" aria-live="polite">${desk.spoken.value}</p>
  `;
}

/** Side by side where there is room; where there is none, one at a time behind tabs. */
function Panes({desk}) {
  const narrow = useSignal(NARROW.matches);
  const shown = useSignal("threads");
  useEffect(() => {
    const follow = () => (narrow.value = NARROW.matches);
    NARROW.addEventListener("change", follow);
    return () => NARROW.removeEventListener("change", follow);
  }, []);
  if (!narrow.value) {
    return html`<main class="panes">
      <section class="pane" aria-labelledby="threads-title"><${Threads} desk=${desk} /></section>
      <section class="pane" aria-labelledby="tickets-title"><${Tickets} desk=${desk} /></section>
    </main>`;
  }
  const Shown = shown.value === "threads" ? Threads : Tickets;
  return html`<main class="panes">
    <${Tabs} desk=${desk} shown=${shown} />
    <section class="pane" role="tabpanel" id="panel" aria-labelledby=${`tab-${shown.value}`}>
      <${Shown} desk=${desk} tabbed />
    </section>
  </main>`;
}

function Tabs({desk, shown}) {
  const list = useRef(null);
  const tabs = [
    {name: "threads", title: gettext("Conversations"), badge: desk.unread.value},
    {name: "tickets", title: gettext("Tickets"), badge: 0},
  ];
  const move = (event) => {
    const step = {ArrowRight: 1, ArrowLeft: -1, Home: -9, End: 9}[event.key];
    if (!step) return;
    event.preventDefault();
    const at = tabs.findIndex(({name}) => name === shown.value);
    const to = Math.abs(step) === 9 ? (step < 0 ? 0 : tabs.length - 1) : (at + step + tabs.length) % tabs.length;
    shown.value = tabs[to].name;
    list.current.children[to].focus();
  };
  return html`<div class="tabs" role="tablist" ref=${list} onKeyDown=${move}>
    ${tabs.map(
      ({name, title, badge}) => html`<button
        type="button"
        role="tab"
        id=${`tab-${name}`}
        aria-controls="panel"
        aria-selected=${String(shown.value === name)}
        tabindex=${shown.value === name ? 0 : -1}
        onClick=${() => (shown.value = name)}
      >
        ${title} ${badge > 0 && html`<span class="badge">${count(badge)}<span class="unseen"> ${gettext("unread")}</span></span>`}
      </button>`,
    )}
  </div>`;
}
