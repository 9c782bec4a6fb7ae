/** The supervisor's view: who waits for which team and how long, who is there to answer, and what can be done about it. */

import {html} from "../html.js";
import {count, fill, gettext} from "../i18n.js";
import {useLoaded} from "./kit/loaded.js";
import {More, Part} from "./kit/states.js";
import {style} from "./kit/style.js";
import {Agents} from "./live/agents.js";
import {Doing} from "./live/doing.js";
import {nameOf} from "./people.js";
import {Avatar, CheckIcon, SmallFace} from "./pieces.js";
import {lengthOf, Waiting, waitsSince} from "./waiting.js";

await Promise.all([style(new URL("./kit/kit.css", import.meta.url)), style(new URL("./live/live.css", import.meta.url))]);

const GAP = 2000; // ms between two loads: a busy desk has many events a second
const always = () => true;
const MARKS = new Set(["thread.read", "thread.read_by_visitor", "thread.delivered", "thread.rated"]); // change nothing here
const THREADS = {"thread.*": ({type}) => !MARKS.has(type)};

export default function Live({desk}) {
  const queues = useLoaded(desk, "threads/queue", {...THREADS, "user.*": always, "team.*": always}, {gap: GAP});
  const queued = useLoaded(desk, "threads/list?state=queued&ordering=createdAt&limit=50", THREADS, {gap: GAP});
  const unanswered = useLoaded(desk, "threads/list?state=open&waiting=true&ordering=createdAt&limit=50", {...THREADS, "message.created": always}, {gap: GAP});
  const people = useLoaded(desk, "users/list?active=true&limit=200&ordering=username", {...THREADS, "user.*": always, "team.*": always}, {gap: GAP});
  return html`<div class="live">
    <h2 class="unseen">${gettext("Overview")}</h2>
    <${Figures} desk=${desk} queued=${queued} unanswered=${unanswered} people=${people} />
    <div class="live-columns">
      <section class="card" aria-labelledby="live-waiting">
        <h3 id="live-waiting">${gettext("Who waits")}</h3>
        <${Waits} desk=${desk} queued=${queued} unanswered=${unanswered} />
      </section>
      <div class="live-column">
        <section class="card" aria-labelledby="live-queues">
          <h3 id="live-queues">${gettext("Queues")}</h3>
          <${Queues} desk=${desk} queues=${queues} />
        </section>
        <section class="card" aria-labelledby="live-agents">
          <h3 id="live-agents">${gettext("Agents")}</h3>
          <${Agents} desk=${desk} people=${people} />
        </section>
      </div>
    </div>
  </div>`;
}

/** Four figures that say whether all is well. */
function Figures({desk, queued, unanswered, people}) {
  const now = desk.now.value;
  const waiting = queued.total.value;
  const oldest = queued.items.value[0];
  const longest = oldest && Math.max(0, now - new Date(waitsSince(oldest) || oldest.createdAt));
  const agents = people.items.value;
  const there = agents.filter(({status}) => status === "AVAILABLE");
  const free = there.filter(({openChats = 0, capacity = 1}) => openChats < capacity);
  const chats = agents.reduce((sum, {openChats = 0}) => sum + openChats, 0);
  const ready = queued.state.value === "ready" && people.state.value === "ready";
  const figures = [
    {name: gettext("In the queue"), value: count(waiting.total) + (waiting.more ? "+" : ""), tone: waiting.total ? "is-amber" : "is-green"},
    {name: gettext("Longest wait"), value: longest === undefined ? "–" : lengthOf(longest), tone: longest > 300_000 ? "is-red" : longest > 120_000 ? "is-amber" : ""},
    {name: gettext("Unanswered"), value: count(unanswered.total.value.total), tone: ""},
    {name: gettext("Agents free"), value: fill(gettext("%(free)s of %(there)s"), {free: count(free.length), there: count(there.length)}), tone: free.length ? "is-green" : "is-red"},
    {name: gettext("Conversations going on"), value: count(chats), tone: ""},
  ];
  return html`<dl class="figures" aria-busy=${String(!ready)}>
    ${figures.map(({name, value, tone}) => html`<div class=${`figure-card ${ready ? tone : ""}`} key=${name}><dt>${name}</dt><dd>${ready ? value : html`<span class="bone bone-short"></span>`}</dd></div>`)}
  </dl>`;
}

function Queues({desk, queues}) {
  const items = queues.items.value;
  const passed = Math.max(0, Math.floor((desk.now.value - queues.started) / 1000));
  return html`<${Part} loaded=${queues} label=${gettext("Queues")} rows=${3} empty=${!items.length && gettext("No team yet.")}>
    <div class="table-place" tabindex="0" role="group" aria-label=${gettext("Queues")}>
      <table class="table">
        <thead><tr><th scope="col">${gettext("Team")}</th><th scope="col" class="is-number">${gettext("Waiting")}</th><th scope="col" class="is-number">${gettext("Longest")}</th><th scope="col" class="is-number">${gettext("Free agents")}</th><th scope="col" class="is-number">${gettext("Expected")}</th></tr></thead>
        <tbody>
          ${items.map(({team, waiting, longestWaitSeconds, available, estimateSeconds}) => html`<tr key=${team?.id ?? "none"} class=${waiting > 0 && !available ? "is-alarm" : ""}>
            <th scope="row"><bdi>${team?.name ?? gettext("No team")}</bdi></th>
            <td class="is-number">${waiting > 0 ? html`<span class="figure is-waiting">${count(waiting)}</span>` : "0"}</td>
            <td class="is-number">${waiting > 0 ? lengthOf((longestWaitSeconds + passed) * 1000) : "–"}</td>
            <td class="is-number">${available === 0 && waiting > 0 ? html`<span class="wait is-late">${gettext("nobody")}</span>` : count(available)}</td>
            <td class="is-number">${estimateSeconds === null || estimateSeconds === undefined ? "–" : lengthOf(estimateSeconds * 1000)}</td>
          </tr>`)}
        </tbody>
      </table>
    </div>
  <//>`;
}

/** Those in the queue first, then those whose agent has not answered: the longest wait on top. */
function Waits({desk, queued, unanswered}) {
  const items = [...queued.items.value, ...unanswered.items.value.filter(({type}) => type !== "MEMBER" && type !== "TICKET")];
  const label = gettext("Who waits");
  return html`<${Part} loaded=${queued} label=${label} rows=${4}
    empty=${!items.length && html`<span class="all-well"><${CheckIcon} />${gettext("Nobody is waiting.")}</span>`}>
    <ul class="waits" aria-label=${label}>
      ${items.map((thread) => html`<${Wait} key=${thread.id} desk=${desk} thread=${thread} />`)}
    </ul>
    <${More} loaded=${queued} />
    ${unanswered.total.value.total > unanswered.items.value.length && html`<${More} loaded=${unanswered} />`}
  <//>`;
}

function Wait({desk, thread}) {
  const name = nameOf(thread);
  return html`<li class="wait-row">
    <${Avatar} person=${{...thread.user, id: thread.user?.uid ?? thread.id, nickname: name}} />
    <span class="row-text">
      <span class="row-line"><bdi class="row-title">${name}</bdi><${Waiting} thread=${thread} now=${desk.now.value} /></span>
      <span class="row-line"><span class="row-more"><bdi>${thread.team?.name ?? gettext("No team")}</bdi> · <span dir="auto">${thread.content || gettext("No message yet")}</span></span>${thread.agent?.id && html`<${SmallFace} person=${thread.agent} />`}</span>
    </span>
    <${Doing} desk=${desk} thread=${thread} name=${name} />
  </li>`;
}
