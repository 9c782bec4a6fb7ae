/** A message of one's own while it is changed, in its place. */

import {useLayoutEffect, useRef, useState} from "preact/hooks";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";

export function Editor({desk, conversation, message, onDone}) {
  const field = useRef(null);
  const [text, write] = useState(message.content);
  const [busy, work] = useState(false);

  useLayoutEffect(() => {
    field.current.focus();
    field.current.setSelectionRange(text.length, text.length);
    // Where the log puts its place right again while this is drawn, the field has to be in sight after that.
    const frame = requestAnimationFrame(() => field.current?.closest(".message")?.scrollIntoView({block: "nearest"}));
    return () => cancelAnimationFrame(frame);
  }, []);
  useLayoutEffect(() => {
    field.current.style.height = "auto";
    field.current.style.height = `${Math.min(field.current.scrollHeight, 240)}px`;
  }, [text]);

  async function save(event) {
    event?.preventDefault();
    if (busy || !text.trim()) return;
    if (text === message.content) return leave();
    work(true);
    try {
      conversation.take([await desk.api.put(`messages/${message.id}`, {content: text.trim()})]);
      leave();
    } catch (error) {
      desk.fail(error);
      work(false);
    }
  }

  function leave() {
    onDone();
    document.querySelector(".write")?.focus();
  }

  function pressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) save(event);
    else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      leave();
    }
  }

  return html`<form class="editor" onSubmit=${save}>
    <textarea ref=${field} dir="auto" rows="1" value=${text} aria-label=${gettext("Edit the message")} onInput=${(event) => write(event.currentTarget.value)} onKeyDown=${pressed}></textarea>
    <div class="editor-actions">
      <button type="button" class="link" onClick=${leave}>${gettext("Cancel")}</button>
      <button type="submit" class="button is-small" disabled=${busy || !text.trim()}>${gettext("Save")}</button>
    </div>
  </form>`;
}
