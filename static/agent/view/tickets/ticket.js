/** One ticket: its conversation in the middle, its fields beside it, and what has happened to it. */

import {useEffect, useMemo, useRef, useState} from "preact/hooks";
import {html} from "../../html.js";
import {fill, gettext} from "../../i18n.js";
import {Composer} from "../conversation/composer.js";
import {Log} from "../conversation/log.js";
import {BackIcon, Blank, LockIcon, MoreIcon, TicketIcon, WarningIcon, When} from "../pieces.js";
import {Menu} from "../menu.js";
import {Draft} from "../kit/draft.js";
import {style} from "../kit/style.js";
import {Description} from "./description.js";
import {Fields, saveField} from "./fields.js";
import {History} from "./history.js";
import {Title} from "./title.js";
import {Priority, StatusPill} from "./words.js";

await Promise.all([style(new URL("../kit/kit.css", import.meta.url)), style(new URL("./tickets.css", import.meta.url))]);

const GAP = 400; // ms between two readings, however many events ask for one
const WIDE = matchMedia("(min-width: 1200px)");

export default function Ticket({desk, id}) {
  if (!id) return html`<${Nothing} />`;
  return html`<${Shown} key=${id} desk=${desk} id=${id} />`;
}

function Nothing() {
  return html`<${Blank} icon=${TicketIcon} title=${gettext("No ticket is open")} text=${gettext("Choose one from the list, or press N for a new one.")} />`;
}

function Shown({desk, id}) {
  const draft = useTicket(desk, id);
  const ticket = draft.base.value;
  const [view, setView] = useState("talk"); // or history, or fields where there is no room beside
  const [wide, setWide] = useState(WIDE.matches);
  useEffect(() => {
    const follow = () => {
      setWide(WIDE.matches);
      setView((before) => (WIDE.matches && before === "fields" ? "talk" : before));
    };
    WIDE.addEventListener("change", follow);
    return () => WIDE.removeEventListener("change", follow);
  }, []);
  useKeys(desk, draft, setView);

  const back = html`<button type="button" class="icon-button back" aria-label=${gettext("Back to the list")} onClick=${() => desk.select({ticket: null, view: "tickets"})}><${BackIcon} /></button>`;
  if (!ticket) {
    const {problem} = draft;
    if (problem.value) return html`<header class="talk-head">${back}</header><${Missing} problem=${problem.value} retry=${() => draft.load()} />`;
    return html`<header class="talk-head">${back}<span class="talk-who"><span class="bone bone-line"></span><span class="bone bone-short"></span></span></header><div class="slot-wait" aria-busy="true"></div>`;
  }
  const tabs = [["talk", gettext("Conversation")], ...(wide ? [] : [["fields", gettext("Fields")]]), ["history", gettext("History")]];
  return html`
    <header class="talk-head ticket-head">
      ${back}
      <${Priority} priority=${ticket.priority} />
      <div class="talk-who">
        <${Title} desk=${desk} draft=${draft} />
        <p class="talk-state"><span class="number">#${ticket.number}</span> · <${When} at=${ticket.createdAt} now=${desk.now.value} />${ticket.requester && html` · <bdi>${ticket.requester.nickname || ticket.requester.email}</bdi>`}</p>
      </div>
      <${StatusPill} status=${ticket.status} />
      <${Actions} desk=${desk} draft=${draft} />
    </header>
    <${ViewTabs} tabs=${tabs} view=${view} show=${setView} />
    <div class="ticket-body">
      <div class="ticket-main" id="ticket-main" role="tabpanel" aria-label=${tabs.find(([name]) => name === view)?.[1]} tabindex="-1">
        ${view === "talk" && html`<${Talk} desk=${desk} draft=${draft} />`}
        ${view === "history" && html`<${History} desk=${desk} id=${id} />`}
        ${view === "fields" && html`<div class="ticket-fields"><${Fields} desk=${desk} draft=${draft} /></div>`}
      </div>
      ${wide && html`<aside class="ticket-side" aria-label=${gettext("Fields")}><${Fields} desk=${desk} draft=${draft} /></aside>`}
    </div>
  `;
}

/** The ticket as a Draft, read when it is shown and whenever an event speaks of it. */
function useTicket(desk, id) {
  const draft = useMemo(() => new Draft(desk, `tickets/${encodeURIComponent(id)}`), [desk, id]);
  useEffect(() => {
    draft.load();
    let waiting = null;
    const soon = () => {
      waiting ??= setTimeout(() => {
        waiting = null;
        draft.load();
      }, GAP);
    };
    const hear = ({type, objectId, data}) => {
      if (objectId !== id) return;
      if (type === "ticket.moved_away" || type === "ticket.deleted") {
        draft.base.value = null;
        draft.problem.value = {code: "not_found", status: 404};
      } else if (data?.version !== draft.base.peek()?.version) soon();
    };
    const ends = [desk.on("ticket.*", hear), desk.on("resync", soon)];
    return () => {
      clearTimeout(waiting);
      ends.forEach((end) => end());
    };
  }, [draft]);
  return draft;
}

function Missing({problem, retry}) {
  if (problem.status === 404 || problem.status === 400) {
    return html`<${Blank} icon=${LockIcon} title=${gettext("This ticket is not yours to see")} text=${gettext("It was handed on, or it is not there any more.")} />`;
  }
  if (problem.status === 403) {
    return html`<${Blank} icon=${LockIcon} title=${gettext("Not for this access token")} text=${gettext("Whoever issued it can add the right to see this.")} />`;
  }
  return html`<${Blank} icon=${WarningIcon} alert code=${problem.problem ?? problem} title=${gettext("This could not be loaded")} text=${gettext("The desk did not answer. Your work is safe; please try again.")}>
    <button type="button" class="button is-quiet" onClick=${retry}>${gettext("Try again")}</button>
  <//>`;
}

function ViewTabs({tabs, view, show}) {
  const move = (event) => {
    const at = tabs.findIndex(([name]) => name === view);
    const to = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + tabs.length) % tabs.length;
    show(tabs[next][0]);
    event.currentTarget.children[next].focus();
  };
  return html`<div class="tabs ticket-tabs" role="tablist" aria-label=${gettext("Ticket")} onKeyDown=${move}>
    ${tabs.map(([name, title]) => html`<button type="button" role="tab" key=${name} aria-selected=${String(view === name)} aria-controls="ticket-main" tabindex=${view === name ? 0 : -1} onClick=${() => show(name)}>${title}</button>`)}
  </div>`;
}

/** What was asked, and what was said to it since. */
function Talk({desk, draft}) {
  const {thread} = draft.base.value;
  const mayRead = desk.may("messages:read");
  return html`
    <${Description} desk=${desk} draft=${draft} />
    ${thread && mayRead ? html`<${Said} key=${thread} desk=${desk} thread=${thread} />` : html`<p class="part-note">${gettext("This access token may not read the messages.")}</p>`}
  `;
}

function Said({desk, thread}) {
  const conversation = desk.conversations.get(thread);
  const state = conversation.state.value;
  useEffect(() => () => conversation.left(), []);
  if (state === "gone" || state === "forbidden" || state === "failed") {
    return html`<p class="part-note" role="alert">${gettext("The messages could not be loaded.")} <button type="button" class="link" onClick=${() => conversation.load()}>${gettext("Try again")}</button></p>`;
  }
  return html`<${Log} desk=${desk} conversation=${conversation} /><${Composer} desk=${desk} conversation=${conversation} />`;
}

function Actions({desk, draft}) {
  const ticket = draft.base.value;
  const me = desk.profile.value?.id;
  if (!desk.may("tickets:write")) return null;
  const done = ticket.status === "resolved" || ticket.status === "closed";
  const items = [
    ticket.assignee?.id !== me && {title: gettext("Assign to me"), key: "m", run: () => saveField(desk, draft, "assignee", me)},
    {title: done ? gettext("Open again") : gettext("Resolve"), key: "e", run: () => saveField(desk, draft, "status", done ? "open" : "resolved")},
    ticket.originThread && {title: gettext("Open the conversation it came from"), key: "o", run: () => desk.select({thread: ticket.originThread})},
    {title: gettext("Move to the bin…"), danger: true, run: () => remove(desk, ticket)},
  ].filter(Boolean);
  return html`<div class="talk-actions">
    ${!done && html`<button type="button" class="button is-small ticket-resolve" aria-keyshortcuts="e" title=${`${gettext("Resolve")} (E)`} onClick=${() => saveField(desk, draft, "status", "resolved")}>${gettext("Resolve")}</button>`}
    <${Menu} label=${gettext("More actions")} icon=${MoreIcon} items=${items} />
  </div>`;
}

async function remove(desk, ticket) {
  const sure = await desk.ask("confirm", {
    title: fill(gettext("Move ticket #%(number)s to the bin?"), {number: ticket.number}),
    text: gettext("An administrator can bring it back within 30 days."),
    action: gettext("Move to the bin"),
  });
  if (!sure) return;
  try {
    await desk.api.delete(`tickets/${ticket.id}`);
    desk.select({view: "tickets", ticket: null});
    desk.toast({text: fill(gettext("Ticket #%(number)s is in the bin."), {number: ticket.number})});
  } catch (error) {
    desk.fail(error);
  }
}

function useKeys(desk, draft, setView) {
  const written = useRef(draft);
  written.current = draft;
  useEffect(() => {
    const group = gettext("Ticket");
    const when = () => desk.place.value.view === "tickets" && !!written.current.base.value;
    const may = () => when() && desk.may("tickets:write");
    const add = (entry) => desk.shortcuts.register({group, when: may, ...entry});
    const field = (name) => () => {
      if (!WIDE.matches) setView("fields");
      requestAnimationFrame(() => requestAnimationFrame(() => document.querySelector(`[data-field="${name}"]`)?.focus()));
    };
    const me = () => desk.profile.peek()?.id;
    const toggle = () => {
      const {status} = written.current.base.peek();
      return saveField(desk, written.current, "status", status === "resolved" || status === "closed" ? "open" : "resolved");
    };
    const ends = [
      add({key: "r", title: gettext("Write an answer"), when, run: () => write(desk, written.current, "reply", setView)}),
      add({key: "shift+n", title: gettext("Write a note"), when, run: () => write(desk, written.current, "note", setView)}),
      add({key: "s", title: gettext("Change the status"), run: field("status")}),
      add({key: "y", title: gettext("Change the priority"), run: field("priority")}),
      add({key: "q", title: gettext("Change the assignee"), run: field("assignee")}),
      add({key: "g", title: gettext("Change the tags"), run: field("tags")}),
      add({key: "m", title: gettext("Assign to me"), run: () => saveField(desk, written.current, "assignee", me())}),
      add({key: "e", title: gettext("Resolve or open again"), run: toggle}),
      add({key: "shift+e", title: gettext("Edit the title"), run: () => document.querySelector("[data-edit-title]")?.click()}),
      add({key: "h", title: gettext("History"), when, run: () => setView((before) => (before === "history" ? "talk" : "history"))}),
      add({key: "Escape", title: gettext("Back to the list"), when, hidden: true, run: () => document.querySelector("#tickets-list .virtual")?.focus()}),
    ];
    return () => ends.forEach((end) => end());
  }, []);
}

function write(desk, draft, mode, setView) {
  setView("talk");
  const {thread} = draft.base.peek();
  if (thread) desk.conversations.drafts.change(thread, {mode});
  requestAnimationFrame(() => requestAnimationFrame(() => document.querySelector(".write")?.focus()));
}
