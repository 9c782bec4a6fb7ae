/** The search field above the list, and what narrows it: unread, state, tag. */

import {useEffect, useRef, useState} from "preact/hooks";
import {writeToColleagues} from "../../actions.js";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {ThreadList} from "../../store/threadlist.js";
import {CloseIcon, EditIcon, FilterIcon, SearchIcon} from "../pieces.js";

const PAUSE = 250; // ms after the last key until the desk is asked
const NONE = {q: "", unread: false, waiting: false, state: "", tag: ""};

export function Filters({desk, base}) {
  const [given, give] = useState(NONE);
  const [open, setOpen] = useState(false);
  const field = useRef(null);
  const narrowed = Object.keys(NONE).filter((name) => name !== "q" && given[name]).length;

  useEffect(() => {
    const query = queryOf(given);
    if (!query) {
      desk.threads.filtered.value = null;
      return;
    }
    const timer = setTimeout(() => {
      const list = ThreadList.filtered(desk.threads, base, {query, matches: matching(given, desk), frozen: given.q.trim() !== ""});
      desk.threads.filtered.value = list;
      list.load();
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [given, base]);
  useEffect(() => () => (desk.threads.filtered.value = null), []);

  const change = (changes) => give({...given, ...changes});
  const clear = () => {
    give(NONE);
    field.current.focus();
  };
  const pressed = (event) => {
    if (event.key === "Escape" && (given.q || narrowed)) {
      event.preventDefault();
      clear();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      document.querySelector(".pane-list .virtual")?.focus();
    }
  };
  return html`<div class="filters" role="search">
    <div class="search">
      <${SearchIcon} />
      <input type="text" ref=${field} class="search-field" dir="auto" value=${given.q} placeholder=${gettext("Name, e-mail, topic")} autocomplete="off" spellcheck=${false}
        aria-label=${gettext("Search conversations")} aria-keyshortcuts="/" onInput=${(event) => change({q: event.currentTarget.value})} onKeyDown=${pressed} />
      ${(given.q || narrowed > 0) && html`<button type="button" class="search-clear" aria-label=${gettext("Clear search and filters")} onClick=${clear}><${CloseIcon} /></button>`}
    </div>
    ${desk.may("messages:write") && html`<button type="button" class="icon-button" aria-label=${gettext("Write to colleagues")} title=${`${gettext("Write to colleagues")} (D)`} aria-keyshortcuts="d"
      onClick=${() => writeToColleagues(desk)}><${EditIcon} /></button>`}
    <button type="button" class=${`icon-button ${narrowed ? "is-on" : ""}`} aria-expanded=${String(open)} aria-controls="filters" aria-label=${gettext("Filters")} title=${gettext("Filters")}
      onClick=${() => setOpen(!open)}><${FilterIcon} />${narrowed > 0 && html`<span class="figure">${narrowed}</span>`}</button>
    ${open && html`<div class="filter-box" id="filters">
      <label class="check"><input type="checkbox" checked=${given.unread} onChange=${(event) => change({unread: event.currentTarget.checked})} />${gettext("Unread")}</label>
      <label class="check"><input type="checkbox" checked=${given.waiting} onChange=${(event) => change({waiting: event.currentTarget.checked})} />${gettext("Waiting for an answer")}</label>
      ${base === "all" && html`<label class="field-line">${gettext("State")}
        <select value=${given.state} onChange=${(event) => change({state: event.currentTarget.value})}>
          <option value="">${gettext("Any")}</option>
          <option value="queued">${gettext("In the queue")}</option>
          <option value="open">${gettext("Open")}</option>
          <option value="closed">${gettext("Closed")}</option>
        </select>
      </label>`}
      <label class="field-line">${gettext("Tag")}<input type="text" dir="auto" value=${given.tag} onInput=${(event) => change({tag: event.currentTarget.value})} /></label>
    </div>`}
  </div>`;
}

function queryOf({q, unread, waiting, state, tag}) {
  const query = new URLSearchParams();
  if (q.trim()) query.set("q", q.trim());
  if (unread) query.set("unread", "true");
  if (waiting) query.set("waiting", "true");
  if (state) query.set("state", state);
  if (tag.trim()) query.set("tags", tag.trim());
  return query.toString();
}

/** What an event may bring into the narrowed list; what is being read stays there. */
const matching = ({unread, waiting, state, tag}, desk) => (thread) =>
  thread.id === desk.place.peek().thread ||
  ((!unread || thread.unreadCount > 0) &&
    (!waiting || !!thread.waitingSince) &&
    (!state || thread.state === state) &&
    (!tag.trim() || !!thread.tags?.includes(tag.trim())));
