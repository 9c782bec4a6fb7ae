/** The title of a ticket: a heading, which a button turns into a field. Enter saves, Escape leaves it as it was. */

import {useEffect, useRef, useState} from "preact/hooks";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {EditIcon} from "../pieces.js";
import {save} from "./fields.js";

export function Title({desk, draft}) {
  const [editing, setEditing] = useState(false);
  const field = useRef(null);
  const button = useRef(null);
  const error = draft.errors.value.title;
  useEffect(() => {
    if (editing) field.current?.select();
  }, [editing]);

  function leave() {
    setEditing(false);
    requestAnimationFrame(() => button.current?.focus());
  }

  async function done(event) {
    event?.preventDefault();
    await save(desk, draft);
    if (!draft.errors.peek().title) leave();
  }

  function pressed(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    draft.set("title", draft.base.peek().title);
    leave();
  }

  if (!editing) {
    return html`<h2 class="talk-name ticket-title" title=${draft.base.value.title}><span dir="auto">${draft.base.value.title}</span>
      ${desk.may("tickets:write") && html`<button type="button" class="icon-button is-tiny" ref=${button} data-edit-title aria-label=${gettext("Edit the title")} title=${`${gettext("Edit the title")} (⇧E)`} onClick=${() => setEditing(true)}><${EditIcon} /></button>`}
    </h2>`;
  }
  return html`<form class="title-form" onSubmit=${done}>
    <input class="input" type="text" dir="auto" ref=${field} maxlength="300" aria-label=${gettext("Title")} aria-invalid=${error ? "true" : undefined} value=${draft.value("title")}
      onInput=${({target}) => draft.set("title", target.value)} onKeyDown=${pressed} onBlur=${() => editing && done()} />
    ${error && html`<p class="entry-error" role="alert">${error}</p>`}
  </form>`;
}
