/** Custom fields: names and plain values, line by line. */

import {useEffect, useState} from "preact/hooks";
import {html} from "../../html.js";
import {fill, gettext} from "../../i18n.js";
import {CloseIcon} from "../pieces.js";
import {same} from "./draft.js";

/** `fields`: the object that is edited; `onChange` gets the whole of it; `onBlur` when one leaves a line. */
export function Pairs({label, fields, onChange, onBlur, error, most = 30}) {
  const [rows, setRows] = useState(() => rowsOf(fields));
  // What comes from outside (somebody else's change) is shown; what is being written here stays as it is.
  useEffect(() => {
    if (!same(fieldsOf(rows), fields ?? {})) setRows(rowsOf(fields));
  }, [fields]);
  const change = (next) => {
    setRows(next);
    onChange(fieldsOf(next));
  };
  const take = (at) => {
    change(rows.toSpliced(at, 1));
    onBlur?.();
  };
  return html`<fieldset class="pairs">
    <legend class="entry-label">${label}</legend>
    ${rows.map(({key, name, text, value}, at) => html`<div class="pair" key=${key}>
      <input class="input" type="text" dir="auto" maxlength="60" aria-label=${gettext("Name of the field")} placeholder=${gettext("Name")} value=${name} onBlur=${onBlur}
        onInput=${({target}) => change(rows.with(at, {...rows[at], name: target.value}))} />
      <input class="input" type="text" dir="auto" maxlength="500" aria-label=${fill(gettext("Value of %(name)s"), {name: name || gettext("the field")})} placeholder=${gettext("Value")} value=${text}
        readonly=${typeof value === "object" && value !== null} onBlur=${onBlur}
        onInput=${({target}) => change(rows.with(at, {...rows[at], text: target.value, value: undefined}))} />
      <button type="button" class="icon-button" aria-label=${fill(gettext("Remove %(name)s"), {name: name || gettext("the field")})} onClick=${() => take(at)}><${CloseIcon} /></button>
    </div>`)}
    ${error && html`<p class="entry-error" role="alert">${error}</p>`}
    ${rows.length < most && html`<button type="button" class="link" onClick=${() => setRows([...rows, {key: Symbol(), name: "", text: ""}])}>${gettext("Add a field")}</button>`}
  </fieldset>`;
}

const rowsOf = (fields) => Object.entries(fields ?? {}).map(([name, value]) => ({key: Symbol(), name, value, text: textOf(value)}));

const textOf = (value) => (value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));

/** A value that nobody touched stays what it was (a number, say); what is written is a text. */
const fieldsOf = (rows) => Object.fromEntries(rows.filter(({name}) => name.trim()).map(({name, text, value}) => [name.trim(), value === undefined ? text : value]));
