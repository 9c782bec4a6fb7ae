/** The newest conversations, with what is unread in them. */

import {html} from "../html.js";
import {count, fill, gettext, ngettext} from "../i18n.js";
import {Avatar, ListBody, SmallFace, ThreadIcon, When} from "./pieces.js";

export function Threads({desk, tabbed}) {
  const {threads} = desk;
  const title = gettext("Conversations");
  const unread = desk.unread.value;
  const empty = {
    title: gettext("No conversations yet"),
    text: gettext("When somebody writes, it appears here by itself."),
  };
  return html`
    <div class=${`pane-head ${tabbed ? "unseen" : ""}`}>
      <h2 id="threads-title">${title}</h2>
      ${unread > 0 &&
      html`<span class="badge">
        ${count(unread)}<span class="unseen"> ${gettext("unread")}</span>
      </span>`}
    </div>
    <${ListBody} list=${threads} label=${title} empty=${empty} icon=${ThreadIcon}>
      ${threads.items.value.map(
        (each) => html`<${Row} key=${each.id} thread=${each} fresh=${threads.fresh.value.has(each.id)} now=${desk.now.value} />`,
      )}
    <//>
  `;
}

function Row({thread, fresh, now}) {
  const who = thread.user ?? thread.visitor ?? {};
  const name = who.nickname || thread.topic || gettext("Visitor");
  const last = thread.content || (who.nickname ? thread.topic : "") || gettext("No message yet");
  const unread = thread.unreadCount || 0;
  return html`<li class=${`row ${unread ? "is-unread" : ""} ${fresh ? "is-fresh" : ""}`}>
    <${Avatar} person=${{id: who.uid ?? thread.id, ...who, nickname: name}} />
    <span class="row-text">
      <span class="row-line">
        <bdi class="row-title">${name}</bdi>
        <${When} at=${thread.updatedAt ?? thread.createdAt} now=${now} />
      </span>
      <span class="row-line">
        <span class="row-more" dir="auto">${last}</span>
        <${State} state=${thread.state} agent=${thread.agent} />
        ${unread > 0 &&
        html`<span class="badge" title=${fill(ngettext("%(n)s unread message", "%(n)s unread messages", unread), {n: unread})}>
          ${count(unread)}<span class="unseen"> ${gettext("unread")}</span>
        </span>`}
      </span>
    </span>
  </li>`;
}

function State({state, agent}) {
  if (state === "queued") return html`<span class="pill is-queued">${gettext("Waiting")}</span>`;
  if (state === "closed") return html`<span class="pill is-closed">${gettext("Closed")}</span>`;
  return agent?.uid || agent?.id ? html`<${SmallFace} person=${agent} />` : null;
}
