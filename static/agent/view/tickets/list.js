/** The left pane: which tickets there are, narrowed by a view, a search and filters. */

import {useEffect, useRef, useState} from "preact/hooks";
import {shownTotal} from "../../api.js";
import {html} from "../../html.js";
import {count, fill, gettext, ngettext} from "../../i18n.js";
import {Blank, Bones, CloseIcon, FilterIcon, LockIcon, SearchIcon, SmallFace, TicketIcon, WarningIcon, When} from "../pieces.js";
import {VirtualList} from "../virtual.js";
import {assigneeOptions, teamOptions} from "../kit/directory.js";
import {SelectField} from "../kit/fields.js";
import {style} from "../kit/style.js";
import {boardOf} from "./board.js";
import {createTicket} from "./creating.js";
import {Priority, priorityOptions, StatusPill, statusOptions} from "./words.js";

await Promise.all([style(new URL("../kit/kit.css", import.meta.url)), style(new URL("./tickets.css", import.meta.url))]);

const HEIGHT = {comfortable: 72, compact: 54};
const WAIT = 250; // ms after the last letter before one searches

export default function TicketList({desk}) {
  const board = boardOf(desk);
  useKeys(desk, board);
  return html`
    <div class="pane-head tickets-head">
      <h2 id="tickets-title">${gettext("Tickets")}</h2>
      ${desk.may("tickets:write") && html`<button type="button" class="button is-small is-quiet tickets-new" aria-keyshortcuts="n" title=${`${gettext("New ticket")} (N)`} onClick=${() => createTicket(desk)}>${gettext("New ticket")}</button>`}
    </div>
    <${Views} board=${board} />
    <${Narrow} desk=${desk} board=${board} />
    <${Rows} desk=${desk} board=${board} />
  `;
}

/** Which tickets: one's own, nobody's, all that are not done, all. */
function Views({board}) {
  const {view} = board.filters.value;
  const counts = board.counts.value;
  const names = {mine: gettext("Mine"), nobody: gettext("Unassigned"), open: gettext("Unresolved"), all: gettext("All")};
  const move = (event) => {
    const keys = Object.keys(names);
    const at = keys.indexOf(view);
    const to = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: keys.length - 1}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + keys.length) % keys.length;
    board.narrow({view: keys[next]});
    event.currentTarget.children[next].focus();
  };
  return html`<div class="tabs tickets-tabs" role="tablist" aria-label=${gettext("Which tickets")} onKeyDown=${move}>
    ${Object.entries(names).map(([name, title]) => html`<button type="button" role="tab" key=${name} aria-selected=${String(view === name)} aria-controls="tickets-list" tabindex=${view === name ? 0 : -1} onClick=${() => board.narrow({view: name})}>
      ${title}${counts[name]?.total > 0 && html`<span class=${`figure ${name === "nobody" ? "is-waiting" : ""}`}>${shortTotal(counts[name])}</span>`}
    </button>`)}
  </div>`;
}

const shortTotal = ({total, more}) => (total > 999 || more ? "999+" : count(total));

function Narrow({desk, board}) {
  const filters = board.filters.value;
  const [word, setWord] = useState(filters.q);
  const [open, setOpen] = useState(false);
  const waiting = useRef(null);
  const narrowed = board.narrowed;
  useEffect(() => setWord(filters.q), [filters.q]);

  function search(text, at = WAIT) {
    setWord(text);
    clearTimeout(waiting.current);
    waiting.current = setTimeout(() => board.narrow({q: text}), at);
  }

  const orderings = [
    ["-updatedAt", gettext("Changed last")], ["-createdAt", gettext("Newest first")], ["createdAt", gettext("Oldest first")],
    ["-priority", gettext("Most urgent first")], ["-number", gettext("Number")],
  ];
  const set = (name) => (value) => board.narrow({[name]: value});
  const anybody = gettext("Any");
  return html`<form class="filters" role="search" onSubmit=${(event) => (event.preventDefault(), search(word, 0))}>
    <div class="search">
      <${SearchIcon} />
      <input type="text" class="search-field tickets-search" dir="auto" autocomplete="off" enterkeyhint="search" maxlength="200" aria-label=${gettext("Search tickets")} placeholder=${gettext("Search tickets, or #number")}
        value=${word} onInput=${({target}) => search(target.value)} onKeyDown=${(event) => searchKeys(event, word, search)} />
      ${word && html`<button type="button" class="search-clear" aria-label=${gettext("Clear the search")} onClick=${() => search("", 0)}><${CloseIcon} /></button>`}
    </div>
    <button type="button" class=${`icon-button ${open || narrowed ? "is-on" : ""}`} aria-expanded=${String(open)} aria-controls="tickets-filters" aria-label=${gettext("Filters")} title=${`${gettext("Filters")} (F)`} aria-keyshortcuts="f" data-filters onClick=${() => setOpen(!open)}>
      <${FilterIcon} />${narrowed > 0 && html`<span class="figure">${narrowed}</span>`}
    </button>
    ${open && html`<div class="filter-box" id="tickets-filters" onKeyDown=${(event) => event.key === "Escape" && (event.stopPropagation(), setOpen(false), document.querySelector("[data-filters]")?.focus())}>
      <div class="filter-grid">
        <${SelectField} label=${gettext("Status")} value=${filters.status} options=${[["", anybody], ...statusOptions()]} onChange=${set("status")} />
        <${SelectField} label=${gettext("Priority")} value=${filters.priority} options=${[["", anybody], ...priorityOptions()]} onChange=${set("priority")} />
        <${SelectField} label=${gettext("Team")} value=${filters.team} options=${[["", anybody], ["none", gettext("No team")], ...teamOptions(desk).slice(1)]} onChange=${set("team")} />
        <${SelectField} label=${gettext("Assignee")} value=${filters.assignee} options=${[["", anybody], ["none", gettext("Nobody")], ...assigneeOptions(desk).slice(1)]} onChange=${set("assignee")} />
        <${SelectField} label=${gettext("Order")} wide value=${filters.ordering} options=${orderings} onChange=${set("ordering")} />
      </div>
      ${narrowed > 0 && html`<button type="button" class="link" onClick=${() => board.clear()}>${gettext("Clear all filters")}</button>`}
    </div>`}
  </form>`;
}

function searchKeys(event, word, search) {
  if (event.isComposing) return;
  if (event.key === "Escape" && word) {
    event.stopPropagation();
    search("", 0);
  } else if (event.key === "Escape" || event.key === "ArrowDown") {
    event.preventDefault();
    document.querySelector("#tickets-list .virtual")?.focus();
  }
}

function Rows({desk, board}) {
  const {list} = board;
  const state = list.state.value;
  const items = list.items.value;
  const {view, q} = board.filters.value;
  const narrowed = board.narrowed > 0 || q.trim() !== "";
  const byId = new Map(items.map((each) => [each.id, each]));
  const label = gettext("Tickets");
  return html`<div class="list-place" id="tickets-list" role="tabpanel" aria-label=${label}>
    ${state === "loading" && html`<${Bones} label=${label} />`}
    ${state === "forbidden" && html`<${Blank} icon=${LockIcon} title=${gettext("Not for this access token")} text=${gettext("Whoever issued it can add the right to see this.")} />`}
    ${state === "failed" && html`<${Blank} icon=${WarningIcon} alert code=${list.problem.value} title=${gettext("This could not be loaded")} text=${gettext("The desk did not answer. Your work is safe; please try again.")}>
      <button type="button" class="button is-quiet" onClick=${() => list.retry()}>${gettext("Try again")}</button>
    <//>`}
    ${state === "ready" && !items.length && html`<${Nothing} board=${board} view=${view} narrowed=${narrowed} />`}
    ${state === "ready" && items.length > 0 && html`
      <p class="list-total" role="status">${totalOf(list.total.value)}</p>
      <${VirtualList} ids=${items.map(({id}) => id)} height=${HEIGHT[desk.prefs.density.value] ?? HEIGHT.comfortable} label=${label} prefix="ticket" selected=${desk.place.value.ticket}
        more=${!!list.next.value} onEnd=${() => list.more()} onSelect=${(ticket) => desk.select({ticket})}>
        ${(id) => html`<${Row} ticket=${byId.get(id)} fresh=${board.fresh.value.has(id)} now=${desk.now.value} />`}
      <//>`}
  </div>`;
}

const totalOf = (total) => fill(ngettext("%(n)s ticket", "%(n)s tickets", Number.parseInt(total, 10) || 0), {n: shownTotal(total) || "0"});

function Nothing({board, view, narrowed}) {
  if (narrowed) {
    return html`<${Blank} icon=${SearchIcon} title=${gettext("Nothing found")} text=${gettext("No ticket fits the search and the filters.")}>
      <button type="button" class="button is-quiet" onClick=${() => board.clear()}>${gettext("Clear all filters")}</button>
    <//>`;
  }
  const texts = {
    mine: [gettext("No ticket of yours is unresolved"), gettext("What is given to you appears here by itself.")],
    nobody: [gettext("Every ticket has somebody"), gettext("What nobody has taken appears here by itself.")],
  };
  const [title, text] = texts[view] ?? [gettext("No tickets yet"), gettext("New tickets appear here by themselves.")];
  return html`<${Blank} icon=${TicketIcon} title=${title} text=${text} />`;
}

function Row({ticket, fresh, now}) {
  if (!ticket) return null;
  const {requester, assignee, dueAt, status} = ticket;
  const late = dueAt && new Date(dueAt) < now && status !== "resolved" && status !== "closed";
  return html`<div class=${`row ${fresh ? "is-fresh" : ""}`}>
    <${Priority} priority=${ticket.priority} />
    <span class="row-text">
      <span class="row-line">
        <span class="row-title" dir="auto" title=${ticket.title}>${ticket.title}</span>
        ${late && html`<span class="wait is-late" title=${gettext("Overdue")}>${gettext("Overdue")}</span>`}
      </span>
      <span class="row-line">
        <span class="row-more"><span class="number">#${ticket.number}</span>${requester && html` · <bdi>${requester.nickname || requester.email}</bdi>`}</span>
        <${When} at=${ticket.updatedAt} now=${now} />
        <${StatusPill} status=${status} />
        <${SmallFace} person=${assignee} />
      </span>
    </span>
  </div>`;
}

function useKeys(desk, board) {
  useEffect(() => {
    const group = gettext("Tickets");
    const when = () => desk.place.value.view === "tickets";
    const add = (entry) => desk.shortcuts.register({group, when, ...entry});
    const ends = [
      add({key: "n", title: gettext("New ticket"), when: () => when() && desk.may("tickets:write"), run: () => createTicket(desk)}),
      add({key: "/", title: gettext("Search tickets"), run: () => document.querySelector(".tickets-search")?.focus()}),
      add({key: "f", title: gettext("Filters"), run: () => document.querySelector("[data-filters]")?.click()}),
      add({key: "j", title: gettext("Next ticket"), run: () => step(desk, board, 1)}),
      add({key: "k", title: gettext("Previous ticket"), run: () => step(desk, board, -1)}),
      add({key: "alt+ArrowDown", title: gettext("Next ticket"), hidden: true, run: () => step(desk, board, 1)}),
      add({key: "alt+ArrowUp", title: gettext("Previous ticket"), hidden: true, run: () => step(desk, board, -1)}),
      ...Object.keys({mine: 1, nobody: 2, open: 3, all: 4}).map((view, at) => add({key: `v ${at + 1}`, title: viewTitle(view), run: () => board.narrow({view})})),
    ];
    return () => ends.forEach((end) => end());
  }, []);
}

const viewTitle = (view) =>
  ({mine: gettext("Show my tickets"), nobody: gettext("Show unassigned tickets"), open: gettext("Show unresolved tickets"), all: gettext("Show all tickets")})[view];

function step(desk, board, by) {
  const ids = board.list.items.peek().map(({id}) => id);
  const at = ids.indexOf(desk.place.peek().ticket);
  const to = ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : at + by];
  if (to) desk.select({ticket: to});
}
