/** Above the conversation: with whom, how it stands, and what can be done with it. */

import {leaveField, perform, threadActions} from "../../actions.js";
import {html} from "../../html.js";
import {fill, gettext} from "../../i18n.js";
import {Shortcuts} from "../../shortcuts.js";
import {Menu} from "../menu.js";
import {nameOf, nameOfUser} from "../people.js";
import {BackIcon, BlockIcon, CheckIcon, EditIcon, HandIcon, InviteIcon, LeaveIcon, MoreIcon, PanelIcon, ReopenIcon, SearchIcon, TagIcon, ThreadFace, TicketIcon, TransferIcon} from "../pieces.js";
import {filled} from "../slot.js";
import {Waiting} from "../waiting.js";

const ICONS = {
  accept: HandIcon, takeover: HandIcon, transfer: TransferIcon, invite: InviteIcon, leave: LeaveIcon, details: TagIcon,
  rename: EditIcon, ticket: TicketIcon, close: CheckIcon, reopen: ReopenIcon, find: SearchIcon, block: BlockIcon,
};
const PRIMARY = ["accept", "takeover", "reopen"]; // at most one of them can be done
const NEAR = ["transfer", "ticket", "close"]; // at hand where there is room

export function Header({desk, id}) {
  const thread = desk.threads.watch(id).value;
  const me = desk.profile.value?.id;
  const toList = () => {
    desk.select({thread: null, view: "threads"});
    requestAnimationFrame(leaveField);
  };
  const back = html`<button type="button" class="icon-button back" aria-label=${gettext("Back to the list")} onClick=${toList}><${BackIcon} /></button>`;
  if (!thread) {
    return html`<header class="talk-head">${back}<span class="bone bone-face"></span><span class="talk-who"><span class="bone bone-line"></span></span></header>`;
  }
  const name = nameOf(thread);
  const possible = threadActions(desk).filter(({when}) => when(thread, me));
  const primary = possible.find((each) => PRIMARY.includes(each.name));
  const near = possible.filter((each) => NEAR.includes(each.name));
  const rest = possible.filter((each) => each !== primary && !near.includes(each));
  return html`<header class="talk-head">
    ${back}
    <${ThreadFace} thread=${thread} name=${name} />
    <div class="talk-who">
      <h2 class="talk-name"><bdi>${name}</bdi><${Waiting} thread=${thread} now=${desk.now.value} /></h2>
      <p class="talk-state">${stateOf(thread, me)}</p>
    </div>
    <div class="talk-tags">${thread.tags?.map((tag) => html`<span class="tag" dir="auto" key=${tag}>${tag}</span>`)}</div>
    <div class="talk-actions">
      ${primary && html`<button type="button" class="button is-small" aria-keyshortcuts=${Shortcuts.spoken(primary.key)} onClick=${() => perform(desk, primary, thread)}>${primary.title}</button>`}
      ${near.map((action) => html`<${Quick} key=${action.name} desk=${desk} action=${action} thread=${thread} />`)}
      <${Menu} label=${gettext("More actions")} icon=${MoreIcon} items=${[...near.map((each) => ({...each, onlyNarrow: true})), ...rest].map((action) => ({
        title: action.title, key: action.key, icon: ICONS[action.name], danger: action.danger, onlyNarrow: action.onlyNarrow, run: () => perform(desk, action, thread),
      }))} />
      ${filled("side") && html`<button type="button" class=${`icon-button ${desk.side.shown.value ? "is-on" : ""}`} aria-pressed=${String(desk.side.shown.value)} aria-keyshortcuts="i"
        aria-label=${gettext("Details")} title=${`${gettext("Details")} (I)`} onClick=${() => desk.side.toggle()}><${PanelIcon} /></button>`}
    </div>
  </header>`;
}

function Quick({desk, action, thread}) {
  const title = action.title.replace(/…$/, "");
  return html`<button type="button" class="icon-button quick" aria-label=${title} title=${`${title} (${action.key.toUpperCase()})`} aria-keyshortcuts=${action.key}
    onClick=${() => perform(desk, action, thread)}><${ICONS[action.name]} /></button>`;
}

function stateOf(thread, me) {
  const {state, agent, team, participants = [], robot} = thread;
  const who = agent?.id === me ? gettext("with you") : agent?.id ? fill(gettext("with %(name)s"), {name: nameOfUser(agent)}) : "";
  const states = {
    queued: gettext("In the queue"),
    open: who || (robot ? fill(gettext("with %(name)s"), {name: nameOfUser(robot)}) : gettext("Open")),
    closed: gettext("Closed"),
  };
  const others = participants.filter(({id}) => id !== me).map(nameOfUser);
  if (thread.type === "MEMBER") return gettext("Between colleagues");
  if (thread.type === "GROUP") return others.length ? fill(gettext("Group with %(names)s"), {names: others.join(", ")}) : gettext("Nobody else is in this group");
  return [states[state] ?? state, team?.name, others.length && fill(gettext("also here: %(names)s"), {names: others.join(", ")}), thread.user?.nickname && thread.topic]
    .filter(Boolean).join(" · ");
}
