/** The canned replies of an agent, its teams and everybody: found, made, changed and deleted. */

import {useEffect, useRef, useState} from "preact/hooks";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {BackIcon, SearchIcon} from "../pieces.js";
import {Dialog} from "../dialogs.js";
import {useLoaded} from "../kit/loaded.js";
import {More, Part} from "../kit/states.js";
import {style} from "../kit/style.js";
import {Editor} from "./editor.js";

await Promise.all([style(new URL("../kit/kit.css", import.meta.url)), style(new URL("./replies.css", import.meta.url))]);

const WAIT = 250; // ms after the last letter before one searches

/** `fresh`: begin with a new reply. */
export default function Replies({desk, done, fresh = false}) {
  const [word, setWord] = useState("");
  const [asked, setAsked] = useState("");
  const [scope, setScope] = useState("");
  const [open, setOpen] = useState(fresh && desk.may("messages:write") ? "new" : null); // a reply, "new", or null
  const waiting = useRef(null);
  const place = useRef(null);
  const query = new URLSearchParams({limit: "100", ordering: "shortcut", ...(asked && {q: asked}), ...(scope && {scope})});
  const replies = useLoaded(desk, `replies/list?${query}`, {"reply.*": () => true});
  const items = replies.items.value;
  const may = desk.may("messages:write");
  const names = {personal: gettext("Mine alone"), team: gettext("A team's"), shared: gettext("Everybody's")};
  useEffect(() => () => clearTimeout(waiting.current), []);

  function search(text) {
    setWord(text);
    clearTimeout(waiting.current);
    waiting.current = setTimeout(() => setAsked(text.trim()), WAIT);
  }

  /** Back to the list, to the row one came from. */
  function leave() {
    const id = open === "new" ? "new" : open?.id;
    setOpen(null);
    replies.load();
    requestAnimationFrame(() => (place.current?.querySelector(`[data-reply="${id}"]`) ?? place.current?.querySelector("input"))?.focus());
  }

  function pressed(event) {
    const rows = [...place.current.querySelectorAll(".reply-row")];
    const at = rows.indexOf(document.activeElement);
    const to = {ArrowDown: at + 1, ArrowUp: at - 1}[event.key];
    if (to === undefined || event.target.tagName === "SELECT") return;
    event.preventDefault();
    (rows[to] ?? place.current.querySelector("input"))?.focus();
  }

  return html`<${Dialog} title=${gettext("Canned replies")} done=${done} kind="is-replies">
    <div class=${`replies ${open ? "is-deep" : ""}`}>
      <div class="replies-list" ref=${place} onKeyDown=${pressed}>
        <div class="replies-head">
          <div class="search"><${SearchIcon} /><input type="text" class="search-field" autofocus dir="auto" autocomplete="off" maxlength="200" aria-label=${gettext("Search canned replies")} placeholder=${gettext("Search")} value=${word} onInput=${({target}) => search(target.value)} /></div>
          <select class="setting-choice" aria-label=${gettext("Whose")} value=${scope} onChange=${({target}) => setScope(target.value)}>
            ${[["", gettext("All")], ...Object.entries(names)].map(([value, name]) => html`<option key=${value} value=${value}>${name}</option>`)}
          </select>
        </div>
        <div class="replies-rows">
          <${Part} loaded=${replies} label=${gettext("Canned replies")} rows=${4} empty=${!items.length && (asked || scope ? gettext("Nothing found") : gettext("No canned reply yet. Make one of what you write again and again."))}>
            <ul>
              ${items.map((reply) => html`<li key=${reply.id}><button type="button" class="reply-row" data-reply=${reply.id} aria-current=${open?.id === reply.id ? "true" : undefined} onClick=${() => setOpen(reply)}>
                <span class="reply-line"><bdi class="reply-cut">/${reply.shortcut}</bdi><span class="pill">${reply.team?.name ?? names[reply.scope]}</span></span>
                <span class="reply-text" dir="auto">${reply.title || reply.content}</span>
              </button></li>`)}
            </ul>
            <${More} loaded=${replies} />
          <//>
        </div>
        ${may && html`<div class="replies-foot"><button type="button" class="button is-small" data-reply="new" onClick=${() => setOpen("new")}>${gettext("New reply")}</button></div>`}
      </div>
      <div class="replies-main">
        ${open && html`<button type="button" class="link replies-back" onClick=${leave}><${BackIcon} />${gettext("Back to the list")}</button>`}
        ${open
          ? html`<${Editor} key=${open === "new" ? "new" : open.id} desk=${desk} reply=${open === "new" ? null : open} onLeave=${leave} />`
          : html`<p class="replies-none">${may ? gettext("Choose a reply, or make a new one.") : gettext("Choose a reply.")}</p>`}
      </div>
    </div>
  <//>`;
}
