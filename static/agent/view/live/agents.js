/** The agents of the desk: who is there, how much each has to do, and with whom; those who are there come first. */

import {useState} from "preact/hooks";
import {html} from "../../html.js";
import {count, fill, gettext} from "../../i18n.js";
import {useLoaded} from "../kit/loaded.js";
import {Part} from "../kit/states.js";
import {nameOf, nameOfUser} from "../people.js";
import {Avatar, When} from "../pieces.js";
import {statusNames} from "../status.js";
import {Waiting} from "../waiting.js";
import {Doing} from "./doing.js";

const ORDER = ["AVAILABLE", "BUSY", "OFFLINE"];

export function Agents({desk, people}) {
  const [open, setOpen] = useState("");
  const items = [...people.items.value].sort((one, other) => ORDER.indexOf(one.status) - ORDER.indexOf(other.status) || (other.openChats ?? 0) - (one.openChats ?? 0) || nameOfUser(one).localeCompare(nameOfUser(other)));
  const label = gettext("Agents");
  return html`<${Part} loaded=${people} label=${label} rows=${5} empty=${!items.length && gettext("Nobody yet")}>
    <ul class="agents" aria-label=${label}>
      ${items.map((agent) => html`<li key=${agent.id} class=${`agent is-${agent.status.toLowerCase()}`}>
        <button type="button" class="agent-row" aria-expanded=${String(open === agent.id)} onClick=${() => setOpen(open === agent.id ? "" : agent.id)}>
          <${Avatar} person=${agent} status=${agent.status} />
          <span class="row-text">
            <span class="row-line"><bdi class="row-title">${nameOfUser(agent)}</bdi><${Load} agent=${agent} /></span>
            <span class="row-line"><span class="row-more">${statusNames()[agent.status] ?? agent.status}${agent.statusAt && html` · <${When} at=${agent.statusAt} now=${desk.now.value} />`}${agent.teams?.length > 0 && html` · <bdi>${agent.teams.map(({name}) => name).join(", ")}</bdi>`}</span>
              ${agent.skills?.slice(0, 2).map((skill) => html`<span class="tag" key=${skill}>${skill}</span>`)}</span>
          </span>
        </button>
        ${open === agent.id && html`<${Chats} desk=${desk} agent=${agent} />`}
      </li>`)}
    </ul>
  <//>`;
}

/** How many conversations somebody has, of how many at most. */
function Load({agent}) {
  if (agent.openChats === undefined) return null;
  const {openChats, capacity} = agent;
  const full = capacity && openChats >= capacity;
  const words = capacity ? fill(gettext("%(n)s of %(most)s conversations"), {n: count(openChats), most: count(capacity)}) : count(openChats);
  const boxes = Math.min(capacity || 0, 8);
  return html`<span class=${`load ${full ? "is-full" : ""}`} title=${words}>
    <span class="load-boxes" aria-hidden="true">${Array.from({length: boxes}, (_, at) => html`<span key=${at} class=${at < openChats ? "is-on" : ""}></span>`)}</span>
    <span aria-hidden="true">${capacity ? `${count(openChats)}/${count(capacity)}` : count(openChats)}</span><span class="unseen">${words}</span>
  </span>`;
}

function Chats({desk, agent}) {
  const hears = {"thread.*": ({data, objectId}) => data?.thread?.agent?.id === agent.id || chats.items.peek().some(({id}) => id === objectId)};
  const chats = useLoaded(desk, `threads/list?agent=${agent.id}&state=open&limit=20&ordering=createdAt`, hears, {gap: 1500});
  const items = chats.items.value.filter(({type}) => type !== "MEMBER" && type !== "TICKET");
  return html`<div class="agent-chats">
    <${Part} loaded=${chats} label=${gettext("Conversations")} rows=${1} empty=${!items.length && gettext("No conversation at the moment.")}>
      <ul>
        ${items.map((thread) => html`<li class="wait-row" key=${thread.id}>
          <span class="row-text"><span class="row-line"><bdi class="row-title">${nameOf(thread)}</bdi><${Waiting} thread=${thread} now=${desk.now.value} /></span>
            <span class="row-line"><span class="row-more" dir="auto">${thread.content}</span></span></span>
          <${Doing} desk=${desk} thread=${thread} name=${nameOf(thread)} />
        </li>`)}
      </ul>
    <//>
  </div>`;
}
