/** The palette: everything that can be done now, and what the desk finds, by a few letters. */

import {useEffect, useMemo, useRef, useState} from "preact/hooks";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {Dialog} from "../dialogs.js";
import {marked, placeOf, snippet} from "../kit/marked.js";
import {nameOf, nameOfUser, previewOf} from "../people.js";
import {goTo} from "../../actions.js";
import {talkWith} from "../../talks.js";
import {Caps} from "./help.js";

const PAUSE = 180; // ms after the last key until the desk is asked
const MOST = 40;

export default function Palette({desk, done}) {
  const [word, setWord] = useState("");
  const [found, setFound] = useState([]);
  const [at, setAt] = useState(0);
  const list = useRef(null);
  const commands = useMemo(() => {
    const keys = new Set();
    return desk.shortcuts.available().filter(({hidden, title, group}) => !hidden && !keys.has(title + group) && keys.add(title + group));
  }, []);

  useEffect(() => {
    const text = word.trim();
    setFound([]);
    if (text.length < 2) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      for (const search of [conversations(desk), tickets(desk), colleagues(desk), messages(desk), ...desk.shortcuts.providers]) {
        search(text, stop.signal).then((rows) => !stop.signal.aborted && setFound((before) => [...before, ...rows]), () => {});
      }
    }, PAUSE);
    return () => (clearTimeout(timer), stop.abort());
  }, [word]);

  const rows = useMemo(() => {
    const wanted = word.trim().toLocaleLowerCase();
    const known = wanted ? local(desk, wanted) : [];
    const ids = new Set(known.map(({id}) => id));
    return [
      ...commands.filter(({title}) => fits(title, wanted)).map((entry) => ({...entry, hint: ""})),
      ...known,
      ...found.filter(({id}) => !id || !ids.has(id)),
    ].slice(0, MOST);
  }, [word, found]);

  const run = (row) => {
    if (!row) return;
    done(row);
    // The palette has given the focus back by then: what runs may place it anew.
    setTimeout(() => row.run(), 0);
  };
  const pressed = (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (step && rows.length) {
      event.preventDefault();
      const to = (at + step + rows.length) % rows.length;
      setAt(to);
      list.current.querySelector(`#command-${to}`)?.scrollIntoView({block: "nearest"});
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(rows[at]);
    }
  };
  return html`<${Dialog} title=${gettext("Search or do…")} done=${done} kind="is-palette" bare>
    <input type="text" class="palette-field" autofocus dir="auto" value=${word} placeholder=${gettext("What do you want to do, or find?")} aria-label=${gettext("Search or do…")} role="combobox" autocomplete="off" spellcheck=${false}
      aria-expanded="true" aria-controls="commands" aria-activedescendant=${rows.length ? `command-${at}` : undefined}
      onInput=${(event) => (setWord(event.currentTarget.value), setAt(0))} onKeyDown=${pressed} />
    <div class="palette-list" id="commands" role="listbox" aria-label=${gettext("Commands")} ref=${list}>
      ${rows.map((row, index) => [
        row.group !== rows[index - 1]?.group && html`<div class="palette-group" role="presentation" key=${`group-${row.group}-${index}`}>${row.group}</div>`,
        html`<div role="option" id=${`command-${index}`} class="palette-row" key=${index} aria-selected=${String(index === at)} onClick=${() => run(row)} onPointerMove=${() => index !== at && setAt(index)}>
          <span class="palette-title" dir="auto">${marked(row.title, row.wanted)}</span>
          ${row.hint && html`<span class="palette-hint" dir="auto">${marked(row.hint, row.wanted)}</span>`}
          ${row.key && html`<${Caps} of=${row.key} />`}
        </div>`,
      ])}
      ${!rows.length && html`<p class="palette-empty">${gettext("Nothing found")}</p>`}
    </div>
  <//>`;
}

/** Every word that is typed begins a word of the title, or the whole occurs in it (Chinese has no spaces). */
function fits(title, wanted) {
  if (!wanted) return true;
  const lower = title.toLocaleLowerCase();
  return lower.includes(wanted) || wanted.split(/\s+/).every((part) => lower.split(/[\s:]+/).some((each) => each.startsWith(part)));
}

/** A conversation, with why it was found: by a name, by its topic, else by the visitor's e-mail. */
function shown(desk, thread, wanted) {
  const title = nameOf(thread);
  const byTopic = placeOf(thread.topic, wanted) >= 0;
  const hint = byTopic ? snippet(thread.topic, wanted) : placeOf(title, wanted) >= 0 ? previewOf(thread.content) : gettext("Found by the e-mail");
  return {id: thread.id, group: gettext("Conversations"), title, hint, wanted, run: () => desk.select({thread: thread.id})};
}

/** What the page knows already is found without asking. */
function local(desk, wanted) {
  const all = [...desk.threads.known.values()].map((each) => each.peek()).filter((thread) => thread && thread.type !== "TICKET");
  return all.filter((thread) => fits(`${nameOf(thread)} ${thread.topic ?? ""}`, wanted)).slice(0, 6).map((thread) => shown(desk, thread, wanted));
}

/** Whom one may write to, by name. */
const colleagues = (desk) => async (text) => {
  if (!desk.may("messages:write")) return [];
  const found = await desk.conversations.suggest.find(text);
  return found.slice(0, 6).map((person) => ({
    id: `person-${person.id}`, group: gettext("Colleagues"), title: nameOfUser(person), hint: gettext("Write a message"),
    run: () => talkWith(desk, [person]).then((thread) => goTo(desk, thread), (error) => desk.fail(error)),
  }));
};

const conversations = (desk) => async (text, signal) => {
  const {items} = await desk.api.list(`threads/list?q=${encodeURIComponent(text)}&limit=8`, {signal});
  return items.map((thread) => shown(desk, desk.threads.put(thread, {whole: true}), text));
};

const tickets = (desk) => async (text, signal) => {
  const {items} = await desk.api.list(`tickets/list?q=${encodeURIComponent(text)}&limit=6`, {signal});
  return items.map((ticket) => {
    const within = placeOf(ticket.title, text) < 0 && placeOf(ticket.content, text) >= 0;
    const hint = within ? `#${ticket.number} · ${snippet(ticket.content, text)}` : `#${ticket.number}`;
    return {id: ticket.id, group: gettext("Tickets"), title: ticket.title, hint, wanted: text, run: () => desk.select({ticket: ticket.id})};
  });
};

/** What was said, in any conversation: it is shown where it stands, with what was looked for still looked for. */
const messages = (desk) => async (text, signal) => {
  const {items} = await desk.api.list(`messages/list?q=${encodeURIComponent(text)}&limit=8`, {signal});
  const threads = new Map();
  await Promise.all([...new Set(items.map(({thread}) => thread))].map(async (id) => threads.set(id, desk.threads.peek(id) ?? (await desk.threads.fetch(id).catch(() => null)))));
  const seen = items.filter(({thread}) => threads.get(thread) && threads.get(thread).type !== "TICKET");
  return seen.map(({id, thread, seq, content}) => ({
    id, group: gettext("Messages"), title: snippet(content, text), hint: nameOf(threads.get(thread)), wanted: text,
    run: () => {
      desk.select({thread});
      const conversation = desk.conversations.get(thread);
      conversation.finding.value = {words: text, seq};
      conversation.show(seq, {focus: true}).catch((error) => desk.fail(error));
    },
  }));
};
