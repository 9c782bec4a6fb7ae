/** The line between messages and field, always there so that nothing moves: who is writing, and what can be undone. */

import {html} from "../../html.js";
import {fill, gettext} from "../../i18n.js";
import {UndoIcon} from "../pieces.js";

export function Typing({conversation, writing}) {
  const typing = conversation.typing.value;
  const last = writing.last.value;
  return html`<div class="typing">
    ${typing && html`<p class="typing-words">
      <span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span>
      ${typing.by === "agent" ? fill(gettext("%(name)s is writing…"), {name: typing.name}) : typing.content ? html`<span class="unseen">${gettext("The visitor is writing:")} </span><bdi class="typing-preview">${typing.content}</bdi>` : gettext("The visitor is writing…")}
    </p>`}
    ${last && html`<button type="button" class="link undo" onClick=${() => writing.undo()}><${UndoIcon} />${gettext("Undo")}<kbd aria-hidden="true">Esc</kbd></button>`}
  </div>`;
}
