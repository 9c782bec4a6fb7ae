/** One conversation in a list: who, since when it waits, what was said last, and what is unread. */

import {html} from "../../html.js";
import {count, fill, gettext, ngettext} from "../../i18n.js";
import {SmallFace, ThreadFace, When} from "../pieces.js";
import {nameOf, previewOf} from "../people.js";
import {Waiting, waitsSince} from "../waiting.js";

export function Row({desk, id, list}) {
  const thread = desk.threads.watch(id).value;
  if (!thread) return null;
  const name = nameOf(thread);
  // What colleagues have to read is not this agent's to read.
  const unread = desk.threads.counts(thread) ? thread.unreadCount : 0;
  const drafts = desk.conversations.drafts;
  const draft = drafts.written.value.has(id) && drafts.of(id).value;
  const own = thread.agent?.id === desk.profile.value?.id;
  const last = previewOf(thread.content) || gettext("No message yet");
  return html`<div class=${`row ${unread ? "is-unread" : ""} ${thread.state === "closed" ? "is-over" : ""}`}>
    <${ThreadFace} thread=${thread} name=${name} />
    <span class="row-text">
      <span class="row-line">
        <bdi class="row-title">${name}</bdi>
        ${waitsSince(thread) ? html`<${Waiting} thread=${thread} now=${desk.now.value} />` : html`<${When} at=${thread.lastMessageAt ?? thread.createdAt} now=${desk.now.value} />`}
      </span>
      <span class="row-line">
        <span class="row-more" dir="auto">${draft ? html`<span class="draft">${gettext("Draft")}</span> ${(draft.reply.trim() || draft.note.trim()).slice(0, 200)}` : last}</span>
        <${Tags} tags=${thread.tags} />
        ${thread.state === "closed" && html`<span class="pill is-closed">${gettext("Closed")}</span>`}
        ${list !== "mine" && thread.agent?.id && !own && html`<${SmallFace} person=${thread.agent} />`}
        ${unread > 0 && html`<span class="badge" title=${fill(ngettext("%(n)s unread message", "%(n)s unread messages", unread), {n: unread})}>
          ${unread > 99 ? "99+" : count(unread)}<span class="unseen"> ${gettext("unread")}</span>
        </span>`}
      </span>
    </span>
  </div>`;
}

const Tags = ({tags}) => tags?.length > 0 && html`<span class="tag" dir="auto">${tags[0]}</span>${tags.length > 1 && html`<span class="tag">+${tags.length - 1}</span>`}`;
