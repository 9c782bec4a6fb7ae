/** What the requester asked for: text, folded where it is long, which a button turns into a field. */

import {useEffect, useRef, useState} from "preact/hooks";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {EditIcon} from "../pieces.js";
import {TextArea} from "../kit/fields.js";
import {save} from "./fields.js";

const LONG = 420; // characters beyond which the rest is folded away

export function Description({desk, draft}) {
  const content = draft.base.value.content ?? "";
  const [editing, setEditing] = useState(false);
  const [whole, setWhole] = useState(false);
  const form = useRef(null);
  const button = useRef(null);
  const may = desk.may("tickets:write");
  useEffect(() => {
    if (editing) form.current?.querySelector("textarea")?.focus();
  }, [editing]);

  function leave() {
    setEditing(false);
    requestAnimationFrame(() => button.current?.focus());
  }

  async function done(event) {
    event.preventDefault();
    await save(desk, draft);
    if (!draft.dirty) leave();
  }

  if (editing) {
    return html`<form class="description is-edited" ref=${form} onSubmit=${done} onKeyDown=${(event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) done(event);
      if (event.key === "Escape" && !event.isComposing) {
        event.stopPropagation();
        draft.set("content", draft.base.peek().content);
        leave();
      }
    }}>
      <${TextArea} label=${gettext("Description")} rows=${7} value=${draft.value("content")} error=${draft.errors.value.content} onInput=${(text) => draft.set("content", text)} />
      <div class="entries-actions">
        <button type="button" class="button is-quiet is-small" onClick=${() => (draft.set("content", draft.base.peek().content), leave())}>${gettext("Cancel")}</button>
        <button type="submit" class="button is-small" disabled=${draft.saving.value}>${gettext("Save")}</button>
      </div>
    </form>`;
  }
  const long = content.length > LONG;
  return html`<section class="description" aria-label=${gettext("Description")}>
    <div class=${`description-text ${long && !whole ? "is-folded" : ""}`} dir="auto">${content || html`<span class="part-note">${gettext("No description")}</span>`}</div>
    <div class="description-actions">
      ${long && html`<button type="button" class="link" aria-expanded=${String(whole)} onClick=${() => setWhole(!whole)}>${whole ? gettext("Show less") : gettext("Show all")}</button>`}
      ${may && html`<button type="button" class="icon-button is-tiny" ref=${button} aria-label=${gettext("Edit the description")} title=${gettext("Edit the description")} onClick=${() => setEditing(true)}><${EditIcon} /></button>`}
    </div>
  </section>`;
}
