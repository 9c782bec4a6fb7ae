/** The left pane: which conversations there are, by whose they are, narrowed by a search or filters. */

import {useRef} from "preact/hooks";
import {shownTotal} from "../../api.js";
import {acceptNext} from "../../actions.js";
import {html} from "../../html.js";
import {count, fill, gettext} from "../../i18n.js";
import {LISTS, listNames} from "../../place.js";
import {Blank, Bones, HandIcon, LockIcon, SearchIcon, ThreadIcon, WarningIcon} from "../pieces.js";
import {VirtualList} from "../virtual.js";
import {Filters} from "./filters.js";
import {Row} from "./row.js";

const HEIGHT = {comfortable: 72, compact: 54};

export function Inbox({desk}) {
  const {list: name} = desk.place.value;
  const standing = desk.threads.list(name);
  const filtered = desk.threads.filtered.value;
  const list = filtered ?? standing;
  if (list.state.value === "idle" && desk.profile.value) list.load();
  return html`<section class="pane pane-list" aria-labelledby="threads-title">
    <h2 class="unseen" id="threads-title">${gettext("Conversations")}</h2>
    <${Tabs} desk=${desk} shown=${name} />
    <${Filters} key=${name} desk=${desk} base=${name} />
    ${name === "queue" && !filtered && standing.ids.value.length > 0 && html`<div class="next-place">
      <button type="button" class="button next" onClick=${() => acceptNext(desk)}>
        <${HandIcon} />${gettext("Accept the next")}<kbd aria-hidden="true">A</kbd>
      </button>
    </div>`}
    <div class="list-place" role="tabpanel" id="inbox-list" aria-labelledby=${`list-${name}`}>
      <${Threads} desk=${desk} list=${list} name=${name} searched=${!!filtered} />
    </div>
  </section>`;
}

function Threads({desk, list, name, searched}) {
  const state = list.state.value;
  const label = listNames()[name];
  const ids = list.ids.value;
  if (state === "idle" || state === "loading") return html`<${Bones} label=${label} />`;
  if (state === "forbidden") {
    return html`<${Blank} icon=${LockIcon} title=${gettext("Not for this access token")} text=${gettext("Whoever issued it can add the right to see this.")} />`;
  }
  if (state === "failed") {
    return html`<${Blank} icon=${WarningIcon} title=${gettext("This could not be loaded")} alert code=${list.problem.value}
      text=${gettext("The desk did not answer. Your work is safe; please try again.")}>
      <button type="button" class="button is-quiet" onClick=${() => list.retry()}>${gettext("Try again")}</button>
    <//>`;
  }
  if (!ids.length) return html`<${Blank} ...${emptyOf(name, searched)} />`;
  return html`<${VirtualList} key=${list.name} ids=${ids} height=${HEIGHT[desk.prefs.density.value]} label=${label} prefix="thread"
    selected=${desk.place.value.thread} onSelect=${(id) => desk.select({thread: id})} more=${!!list.next.value} onEnd=${() => list.more()}>
    ${(id) => html`<${Row} desk=${desk} id=${id} list=${name} />`}
  <//>`;
}

function emptyOf(name, searched) {
  if (searched) return {icon: SearchIcon, title: gettext("Nothing found"), text: gettext("Try other words, or fewer filters.")};
  switch (name) {
    case "mine":
      return {icon: ThreadIcon, title: gettext("No conversations yet"), text: gettext("When somebody writes to you, it appears here by itself.")};
    case "queue":
      return {icon: HandIcon, title: gettext("Nobody is waiting"), text: gettext("Visitors who wait for an agent appear here by themselves.")};
    case "team":
      return {icon: ThreadIcon, title: gettext("Your teams have no open conversations"), text: gettext("What colleagues of your teams work on appears here.")};
    default:
      return {icon: ThreadIcon, title: gettext("No conversations yet"), text: gettext("When somebody writes, it appears here by itself.")};
  }
}

function Tabs({desk, shown}) {
  const box = useRef(null);
  const names = listNames();
  const show = (name) => {
    desk.threads.filtered.value = null;
    desk.select({list: name});
  };
  const move = (event) => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? LISTS.length - 1 : step && (LISTS.indexOf(shown) + step + LISTS.length) % LISTS.length;
    if (to === undefined || Number.isNaN(to)) return;
    event.preventDefault();
    show(LISTS[to]);
    box.current.children[to].focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${gettext("Conversations")} ref=${box} onKeyDown=${move}>
    ${LISTS.map((name) => html`<button type="button" role="tab" key=${name} id=${`list-${name}`} aria-controls="inbox-list" aria-selected=${String(name === shown)}
      tabindex=${name === shown ? 0 : -1} onClick=${() => show(name)}>
      ${names[name]}<${Figure} desk=${desk} name=${name} />
    </button>`)}
  </div>`;
}

/** How much there is to do in a list: unread ones of one's own, everybody who waits. */
function Figure({desk, name}) {
  if (name === "queue") {
    const waiting = shownTotal(desk.threads.list(name).total.value);
    return waiting && html` <span class="figure is-waiting"><span aria-hidden="true">${waiting}</span><span class="unseen">${fill(gettext("%(n)s waiting"), {n: waiting})}</span></span>`;
  }
  if (name !== "mine") return null;
  const mine = desk.unreadThreads.value.filter((thread) => thread.state !== "queued").length;
  return mine > 0 && html` <span class="figure"><span aria-hidden="true">${count(mine)}</span><span class="unseen">${fill(gettext("%(n)s with something new"), {n: mine})}</span></span>`;
}
