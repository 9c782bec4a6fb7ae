/** What a field offers while one writes: canned replies after `/`, colleagues after `@` in notes and among themselves. */

import {useEffect, useState} from "preact/hooks";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {nameOfUser} from "../people.js";
import {Avatar} from "../pieces.js";

const MOST = 8;

/** Whether a sign that opens suggestions may stand at the end of a text: at its beginning, or after a space. */
export const beginsAt = (text) => text === "" || /\s$/.test(text);

/**
 * @param {object|null} talk the conversation, where colleagues talk to each other: they mention each other without a note
 * @param {(text: string, caret: number) => void} write changes the field
 * @returns {{look: () => void, pressed: (event: KeyboardEvent) => boolean, attributes: object}} and what Suggestions shows
 */
export function useSuggestions(desk, conversation, talk, mode, text, field, write) {
  const [asked, ask] = useState(null); // {sign, word, start}
  const [rows, setRows] = useState([]);
  const [none, setNone] = useState(false); // whether there is no canned reply at all
  const [at, setAt] = useState(0);

  useEffect(() => {
    setNone(false);
    if (!asked) return setRows([]);
    let current = true;
    const {suggest} = desk.conversations;
    const found = asked.sign === "/" ? suggest.replies(asked.word) : suggest.colleagues(asked.word);
    found.then((all) => {
      if (!current) return;
      const list = asked.sign === "@" && talk ? all.filter(({id}) => isIn(talk, id)) : all;
      setRows(list.slice(0, MOST));
      setNone(asked.sign === "/" && !asked.word && !list.length);
      setAt(0);
    }, () => current && setRows([]));
    return () => (current = false);
  }, [asked?.sign, asked?.word]);
  useEffect(() => ask(null), [mode]);

  function look() {
    const caret = field.current?.selectionStart ?? 0;
    const found = /(^|\s)([/@])([^\s/@]{0,40})$/u.exec(field.current.value.slice(0, caret));
    const fits = found && (found[2] === "/" ? mode === "reply" : talk || mode === "note");
    ask(fits ? {sign: found[2], word: found[3], start: caret - found[3].length - 1} : null);
  }

  async function choose(row) {
    const {start, word, sign} = asked;
    ask(null);
    const end = start + word.length + 1;
    const put = (insert) => {
      const now = field.current?.value ?? text;
      write(now.slice(0, start) + insert + now.slice(end), start + insert.length);
      field.current?.focus();
    };
    if (sign === "@") {
      const {drafts} = desk.conversations;
      const name = nameOfUser(row);
      put(`@${name} `);
      const {mentions} = drafts.of(conversation.id).peek();
      drafts.change(conversation.id, {mentions: [...mentions.filter(({id}) => id !== row.id), {id: row.id, nickname: name}]});
      return;
    }
    try {
      const {content, attachments = []} = await desk.api.post(`replies/${row.id}/render`, {thread: conversation.id});
      put(content);
      conversation.writing.uploads.addReady(attachments);
    } catch (error) {
      desk.fail(error);
    }
  }

  function pressed(event) {
    if (asked && none && event.key === "Escape") {
      ask(null);
      event.preventDefault();
      event.stopPropagation();
      return true;
    }
    if (!asked || !rows.length || event.altKey || event.ctrlKey || event.metaKey) return false;
    const {key} = event;
    if (key === "ArrowDown" || key === "ArrowUp") setAt((at + (key === "ArrowDown" ? 1 : -1) + rows.length) % rows.length);
    else if ((key === "Enter" && !event.shiftKey) || key === "Tab") choose(rows[at]);
    else if (key === "Escape") ask(null);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  const open = !!asked && rows.length > 0;
  return {
    look, pressed, choose, rows, at, open, none: !!asked && none,
    write: () => {
      ask(null);
      desk.ask("replies", {fresh: true});
    }, sign: asked?.sign, close: () => ask(null),
    attributes: open ? {"aria-autocomplete": "list", "aria-controls": "suggestions", "aria-activedescendant": `suggestion-${rows[at]?.id}`} : {},
  };
}

const isIn = ({type, user, participants = []}, id) => (type === "MEMBER" ? user?.id === id : participants.some((each) => each.id === id));

export function Suggestions({state}) {
  if (state.none) {
    return html`<div class="suggestions is-none" role="status"><span>${gettext("There are no canned replies yet.")}</span>
      <button type="button" class="link" onPointerDown=${(event) => event.preventDefault()} onClick=${state.write}>${gettext("Write one…")}</button></div>`;
  }
  if (!state.open) return null;
  const label = state.sign === "/" ? gettext("Canned replies") : gettext("Colleagues");
  return html`<div class="suggestions" id="suggestions" role="listbox" aria-label=${label}>
    ${state.rows.map((row, at) => html`<div role="option" key=${row.id} id=${`suggestion-${row.id}`} class="suggestion" aria-selected=${String(at === state.at)}
      onPointerDown=${(event) => (event.preventDefault(), state.choose(row))}>
      ${state.sign === "/"
        ? html`<b class="suggestion-key">/${row.shortcut}</b><span class="suggestion-text" dir="auto">${row.title && html`<b>${row.title}</b> `}${row.content}</span>`
        : html`<${Avatar} person=${row} status=${row.status} /><span class="suggestion-text"><bdi>${nameOfUser(row)}</bdi></span>`}
    </div>`)}
  </div>`;
}
