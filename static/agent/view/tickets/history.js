/** What has happened to a ticket, newest first: who changed what from what to what. */

import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {useLoaded} from "../kit/loaded.js";
import {More, Part} from "../kit/states.js";
import {When} from "../pieces.js";
import {shownValue} from "./fields.js";
import {fieldNames} from "./words.js";

export function History({desk, id}) {
  const events = useLoaded(desk, `tickets/${encodeURIComponent(id)}/history`, {"ticket.*": ({objectId}) => objectId === id});
  const items = events.items.value;
  const label = gettext("History");
  return html`<div class="history">
    <${Part} loaded=${events} label=${label} rows=${5} empty=${!items.length && gettext("Nothing has happened yet.")}>
      <ol class="story">
        ${items.map((event) => html`<li key=${event.id}>
          <p class="story-head"><bdi class="story-who">${event.actor?.username ?? gettext("The desk")}</bdi> <span>${what(event)}</span> <${When} at=${event.createdAt} now=${desk.now.value} /></p>
          <${Changes} desk=${desk} changes=${event.data?.changes} />
        </li>`)}
      </ol>
      <${More} loaded=${events} />
    <//>
  </div>`;
}

function what({type}) {
  const names = {
    "ticket.created": gettext("created the ticket"),
    "ticket.updated": gettext("changed it"),
    "ticket.deleted": gettext("moved it to the bin"),
    "ticket.restored": gettext("took it out of the bin"),
  };
  return names[type] ?? type;
}

function Changes({desk, changes}) {
  const names = fieldNames();
  const rows = Object.entries(changes ?? {});
  if (!rows.length) return null;
  return html`<ul class="story-changes">
    ${rows.map(([name, pair]) => html`<li key=${name}>
      <span class="story-field">${names[name] ?? name}</span>
      ${pair.length === 2
        ? html`<del dir="auto">${shownValue(desk, name, pair[0]) || "–"}</del><span aria-hidden="true"> → </span><span class="unseen">${gettext("is now")}</span><ins dir="auto">${shownValue(desk, name, pair[1]) || "–"}</ins>`
        : html`<span>${gettext("was written anew")}</span>`}
    </li>`)}
  </ul>`;
}
