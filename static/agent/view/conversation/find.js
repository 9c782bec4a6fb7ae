/** Searching in the conversation that is shown: the desk finds, so that what is not loaded is found too. */

import {useEffect, useLayoutEffect, useRef, useState} from "preact/hooks";
import {shownTotal} from "../../api.js";
import {release} from "../../held.js";
import {html} from "../../html.js";
import {count, fill, gettext} from "../../i18n.js";
import {CloseIcon, DownIcon, SearchIcon, UpIcon} from "../pieces.js";

const PAUSE = 250; // ms after the last key until the desk is asked
const PAGE = 100;

export default function Find({desk, conversation, onClose}) {
  const {words: given, seq} = conversation.finding.peek() ?? {words: ""};
  const field = useRef(null);
  const [text, write] = useState(given);
  const [found, setFound] = useState(null); // {words, items, total, more, next}, the newest first
  const [at, setAt] = useState(0);

  useLayoutEffect(() => {
    if (seq) return;
    field.current.select();
    release(field.current);
  }, []);
  useEffect(() => {
    const words = text.trim();
    const stop = new AbortController();
    const timer = setTimeout(() => look(words, stop.signal), words === given.trim() ? 0 : PAUSE);
    return () => (clearTimeout(timer), stop.abort());
  }, [text]);

  async function look(words, signal) {
    conversation.finding.value = {words, seq};
    if (!words) return setFound(null);
    try {
      const page = await desk.api.list(`messages/list?thread=${encodeURIComponent(conversation.id)}&q=${encodeURIComponent(words)}&ordering=-seq&limit=${PAGE}`, {signal});
      if (signal.aborted) return;
      const begun = words === given.trim() ? page.items.findIndex((each) => each.seq === seq) : -1;
      setFound({...page, words});
      setAt(Math.max(0, begun));
      if (begun < 0 && page.items.length) show(page.items[0]);
    } catch (error) {
      if (!signal.aborted) desk.fail(error);
    }
  }

  const show = (message) => conversation.show(message.seq).catch((error) => desk.fail(error));

  /** To an earlier match (1) or a later one (-1); at either end nothing happens. */
  async function step(by) {
    if (!found) return;
    let {items} = found;
    if (by > 0 && at + 1 >= items.length && found.next) {
      try {
        const page = await desk.api.list(found.next);
        items = [...items, ...page.items];
        setFound({...found, items, next: page.next});
      } catch (error) {
        return desk.fail(error);
      }
    }
    const to = at + by;
    if (!items[to]) return;
    setAt(to);
    show(items[to]);
  }

  function close() {
    onClose();
    requestAnimationFrame(() => (document.querySelector(".message.is-found") ?? document.querySelector(".log"))?.focus({preventScroll: true}));
  }

  function pressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const by = {Enter: event.shiftKey ? -1 : 1, ArrowUp: 1, ArrowDown: -1}[event.key];
    if (by) step(by);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const words = !found ? "" : found.total ? fill(gettext("%(n)s of %(total)s"), {n: count(at + 1), total: shownTotal(found)}) : gettext("Nothing found");
  const tools = [
    [1, gettext("Earlier match"), UpIcon, "⏎", !found || at + 1 >= found.total],
    [-1, gettext("Later match"), DownIcon, "⇧⏎", !found || at === 0],
  ];
  return html`<div class="seek" role="search">
    <${SearchIcon} />
    <input type="text" class="seek-field" ref=${field} dir="auto" value=${text} maxlength="200" autocomplete="off" spellcheck=${false} placeholder=${gettext("Search in this conversation")} aria-label=${gettext("Search in this conversation")}
      onInput=${(event) => write(event.currentTarget.value)} onKeyDown=${pressed} />
    <span class="seek-count" role="status">${words}</span>
    ${tools.map(([by, title, Icon, key, off]) => html`<button type="button" key=${by} class="icon-button" aria-label=${title} title=${`${title} (${key})`} disabled=${off} onClick=${() => step(by)}><${Icon} /></button>`)}
    <button type="button" class="icon-button" aria-label=${gettext("Close the search")} title=${`${gettext("Close the search")} (Esc)`} onClick=${close}><${CloseIcon} /></button>
  </div>`;
}
