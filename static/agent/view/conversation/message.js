/** One message: whose it is, what it says, whether it arrived, and what its sender may still do with it. */

import {html} from "../../html.js";
import {exactly, fill, gettext, time} from "../../i18n.js";
import {amongColleagues} from "../../store/kinds.js";
import {nameOfUser} from "../people.js";
import {Avatar, CheckIcon, EditIcon, LockIcon, UndoIcon} from "../pieces.js";
import {Apart} from "./apart.js";
import {Content} from "./content.js";
import {Editor} from "./editor.js";

/** `first` and `last` say where a message stands among those that one person wrote in a row. */
export const Message = (props) => html`<${Apart} message=${props.message}><${Drawn} ...${props} /><//>`;

function Drawn({desk, conversation, message, first, last, mark}) {
  const {editing} = desk.conversations;
  const edits = editing.value === message.id;
  const setEdits = (on) => (editing.value = on ? message.id : null);
  if (message.type === "system") {
    return html`<div class="system message" tabindex="-1" dir="auto" data-seq=${message.seq}><span>${message.content}</span></div>`;
  }
  const me = desk.profile.value;
  const own = message.user?.id === me?.id;
  const ours = own || message.user?.type !== "visitor";
  const note = message.visibility === "internal";
  const at = new Date(message.createdAt);
  const name = own ? gettext("You") : nameOfUser(message.user) || gettext("Visitor");
  const among = amongColleagues(desk.threads.peek(conversation.id));
  const changes = !message.recalledAt && ours && message.user?.type !== "robot" && (own || (desk.leads && !among));
  const between = among && !own;
  const kind = [between ? "is-theirs" : ours ? "is-own" : "is-theirs", note && "is-note", first && "is-first", last && "is-last", message.recalledAt && "is-recalled"].filter(Boolean).join(" ");

  const recall = () => conversation.recall(message).catch((error) => desk.fail(error));
  const pressed = (event) => {
    if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Delete" && changes) recall();
    else if (event.key === "F2" && changes && own && message.type === "text") setEdits(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<article class=${`message ${kind}`} tabindex="-1" data-seq=${message.seq} onKeyDown=${pressed} aria-label=${`${note ? `${gettext("Note")}, ` : ""}${name}, ${time(at)}`}>
    ${(!ours || between) && (first ? html`<${Avatar} person=${message.user} />` : html`<span class="face-gap"></span>`)}
    <div class="bubble-box">
      ${first && (note || !own) && html`<p class="author">${note && html`<${LockIcon} /><span>${gettext("Note")} · </span>`}<bdi>${name}</bdi></p>`}
      ${edits
        ? html`<${Editor} desk=${desk} conversation=${conversation} message=${message} onDone=${() => setEdits(false)} />`
        : html`<${Content} desk=${desk} message=${message} words=${conversation.finding.value?.words} />`}
      ${last && html`<p class="meta">
        <time datetime=${message.createdAt} title=${exactly(at)}>${time(at)}</time>
        ${message.editedAt && !message.recalledAt && html`<span>${gettext("edited")}</span>`}
        ${ours && !note && !between && !message.recalledAt && html`<${Mark} mark=${mark} />`}
      </p>`}
      ${changes && !edits && html`<div class="message-tools">
        ${own && message.type === "text" && html`<button type="button" class="icon-button" aria-label=${gettext("Edit")} title=${`${gettext("Edit")} (F2)`} onClick=${() => setEdits(true)}><${EditIcon} /></button>`}
        <button type="button" class="icon-button" aria-label=${gettext("Recall")} title=${`${gettext("Recall")} (Del)`} onClick=${recall}><${UndoIcon} /></button>
      </div>`}
      ${message.editedAt && !last && !message.recalledAt && html`<span class="unseen">${fill(gettext("edited %(time)s"), {time: exactly(new Date(message.editedAt))})}</span>`}
    </div>
  </article>`;
}

/** One tick: the desk has it. Two: it is on the visitor's page. Two in colour: the visitor has read it. */
function Mark({mark}) {
  const words = {sent: gettext("Sent"), delivered: gettext("Delivered"), read: gettext("Read")};
  return html`<span class=${`mark-state is-${mark}`} title=${words[mark]}>
    <${CheckIcon} />${mark !== "sent" && html`<${CheckIcon} />`}<span class="unseen">${words[mark]}</span>
  </span>`;
}
