/** Everything that can be done with a conversation or on the page, each with a key: for menus, keys and the palette. */

import {hold} from "./held.js";
import {fill, gettext} from "./i18n.js";
import {LISTS, listNames} from "./place.js";
import {amongColleagues, isVisit} from "./store/kinds.js";
import {chooseStatus, statusNames} from "./view/status.js";
import {nameOf} from "./view/people.js";

/** What can be done with the conversation that is shown: `{name, key, title, when(thread, me), run(thread)}`. */
export function threadActions(desk) {
  const act = (id, what, body) => desk.api.post(`threads/${id}/${what}`, body);
  const done = (thread) => desk.threads.put(thread, {whole: true});
  const isGroup = ({type}) => type === "GROUP";
  const live = (thread) => thread.state !== "closed";
  const find = (thread) => {
    const {finding} = desk.conversations.get(thread.id);
    if (finding.peek()) document.querySelector(".seek-field")?.select();
    else {
      hold();
      finding.value = {words: ""};
    }
  };
  const invited = (thread, me) => !!thread.participants?.some(({id}) => id === me);
  return [
    {
      name: "accept", key: "a", title: gettext("Accept"),
      when: (thread) => isVisit(thread) && live(thread) && !thread.agent?.id, // nobody's, or a robot's
      run: async (thread) => {
        done(await act(thread.id, "accept"));
        desk.select({thread: thread.id, list: "mine"});
        desk.say(fill(gettext("%(name)s is yours now."), {name: nameOf(thread)}));
        focusComposer();
      },
    },
    {
      name: "takeover", key: "o", title: gettext("Take over"),
      when: (thread, me) => thread.state === "open" && isVisit(thread) && !!thread.agent?.id && thread.agent.id !== me,
      run: async (thread) => done(await act(thread.id, "takeover")),
    },
    {
      name: "transfer", key: "t", title: gettext("Transfer…"),
      when: (thread) => live(thread) && isVisit(thread),
      run: async (thread) => {
        const chosen = await desk.ask("transfer", {thread});
        if (!chosen) return;
        done(await act(thread.id, "transfer", chosen.body));
        desk.toast({text: fill(gettext("Handed to %(name)s."), {name: chosen.name})});
      },
    },
    {
      name: "invite", key: "v", title: gettext("Invite a colleague…"),
      when: (thread) => live(thread) && (isVisit(thread) || isGroup(thread)),
      run: async (thread) => {
        const chosen = await desk.ask("invite", {thread});
        if (!chosen) return;
        done(await act(thread.id, "invite", chosen.body));
        desk.toast({text: fill(gettext("%(name)s was invited."), {name: chosen.name})});
      },
    },
    {
      name: "leave", key: "l", title: gettext("Leave"),
      when: (thread, me) => live(thread) && invited(thread, me),
      run: async (thread) => {
        if (!isGroup(thread)) return done(await act(thread.id, "leave"));
        const sure = await desk.ask("confirm", {
          title: fill(gettext("Leave %(name)s?"), {name: nameOf(thread)}),
          text: gettext("You read nothing more of it, until a member adds you again."),
          action: gettext("Leave"),
        });
        if (!sure) return;
        await act(thread.id, "leave");
        desk.threads.remove(thread.id);
        if (desk.place.peek().thread === thread.id) desk.select({thread: null});
        desk.toast({text: fill(gettext("You have left %(name)s."), {name: nameOf(thread)})});
      },
    },
    {
      name: "rename", key: "g", title: gettext("Rename the group…"),
      when: (thread) => live(thread) && isGroup(thread),
      run: async (thread) => {
        const changed = await desk.ask("rename", {thread});
        if (changed) done(changed);
      },
    },
    {
      name: "details", key: "g", title: gettext("Tags and summary…"),
      when: isVisit,
      run: (thread) => desk.ask("details", {thread}),
    },
    {
      name: "ticket", key: "c", title: gettext("Create a ticket…"),
      when: (thread) => isVisit(thread) && desk.may("tickets:write"),
      run: async (thread) => {
        const ticket = await desk.ask("ticket", {thread});
        if (!ticket) return;
        desk.toast({
          text: fill(gettext("Ticket #%(number)s was created."), {number: ticket.number}),
          action: {title: gettext("Open"), run: () => desk.select({ticket: ticket.id})},
        });
      },
    },
    {
      name: "close", key: "e", title: gettext("Close"),
      when: (thread) => live(thread) && !isGroup(thread), // a group ends with its last member
      run: async (thread) => {
        done(await act(thread.id, "close"));
        desk.toast({
          text: fill(gettext("The conversation with %(name)s is closed."), {name: nameOf(thread)}),
          action: {title: gettext("Undo"), run: () => act(thread.id, "reopen").then(done).catch((error) => desk.fail(error))},
        });
      },
    },
    {
      name: "reopen", key: "u", title: gettext("Reopen"),
      when: (thread) => !live(thread) && !isGroup(thread),
      run: async (thread) => done(await act(thread.id, "reopen")),
    },
    {name: "find", key: "f", title: gettext("Search in this conversation…"), when: () => true, run: find},
    {
      name: "block", key: "b", title: gettext("Block the visitor…"), danger: true,
      when: (thread) => isVisit(thread) && !!thread.user?.id,
      run: async (thread) => {
        const sure = await desk.ask("confirm", {
          title: fill(gettext("Block %(name)s?"), {name: nameOf(thread)}),
          text: gettext("Nothing more of this visitor is let in, and its open conversations are closed. You can undo this."),
          action: gettext("Block"),
        });
        if (!sure) return;
        await desk.api.post(`visitors/${thread.user.id}/block`);
        desk.toast({
          text: fill(gettext("%(name)s is blocked."), {name: nameOf(thread)}),
          action: {title: gettext("Undo"), run: () => desk.api.post(`visitors/${thread.user.id}/unblock`).catch((error) => desk.fail(error))},
        });
      },
    },
  ];
}

/** Run an action; a refusal is said. */
export async function perform(desk, action, thread) {
  if (!thread) return;
  try {
    await action.run(thread);
  } catch (error) {
    desk.fail(error);
  }
}

/** Take whoever has been waiting longest. Somebody else may be faster: then the next one. */
export async function acceptNext(desk) {
  const queue = desk.threads.list("queue");
  for (const id of [...queue.ids.peek()].slice(0, 5)) {
    try {
      desk.threads.put(await desk.api.post(`threads/${id}/accept`), {whole: true});
      desk.select({thread: id, list: "mine"});
      focusComposer();
      return;
    } catch (error) {
      if (error.code !== "invalid_state" && error.code !== "not_found") return desk.fail(error);
      desk.threads.fetch(id).catch(() => desk.threads.remove(id));
    }
  }
  desk.toast({text: gettext("Nobody is waiting.")});
}

/** Register all of it; returns what takes it back. */
export function register(desk) {
  const add = (entry) => desk.shortcuts.register(entry);
  const inThreads = () => desk.place.value.view === "threads";
  const conversation = gettext("Conversation");
  const moving = gettext("Moving about");
  const page = gettext("Page");
  const taken = [];
  for (const action of threadActions(desk)) {
    taken.push(add({
      key: action.key, title: action.title, group: conversation,
      when: () => !!desk.thread.value && action.when(desk.thread.value, desk.profile.value?.id),
      run: () => perform(desk, action, desk.thread.peek()),
    }));
  }
  const lists = listNames();
  const entries = [
    {
      key: "a", title: gettext("Accept the next from the queue"), group: conversation,
      when: () => desk.thread.value?.state !== "queued" && desk.threads.list("queue").ids.value.length > 0,
      run: () => acceptNext(desk),
    },
    {key: "r", title: gettext("Write an answer"), group: conversation, when: () => !!desk.thread.value, run: () => write(desk, "reply")},
    {key: "n", title: gettext("Write a note"), group: conversation, when: () => !!desk.thread.value && !amongColleagues(desk.thread.value), run: () => write(desk, "note")},
    {key: "d", title: gettext("Write to colleagues…"), group: conversation, when: () => inThreads() && desk.may("messages:write"), run: () => writeToColleagues(desk)},
    {key: "i", title: gettext("Show or hide the details"), group: conversation, when: inThreads, run: () => desk.side.toggle()},
    {key: "j", title: gettext("Next conversation"), group: moving, when: inThreads, run: () => step(desk, 1), hidden: true},
    {key: "k", title: gettext("Previous conversation"), group: moving, when: inThreads, run: () => step(desk, -1), hidden: true},
    {key: "alt+ArrowDown", title: gettext("Next conversation"), group: moving, when: inThreads, run: () => step(desk, 1)},
    {key: "alt+ArrowUp", title: gettext("Previous conversation"), group: moving, when: inThreads, run: () => step(desk, -1)},
    {key: "w", title: gettext("Next conversation with something new"), group: moving, run: () => nextUnread(desk)},
    {key: "/", title: gettext("Search conversations"), group: moving, run: () => search(desk)},
    ...LISTS.map((list, at) => ({key: String(at + 1), title: fill(gettext("Show the list: %(name)s"), {name: lists[list]}), group: moving, run: () => desk.select({view: "threads", list})})),
    {key: "5", title: gettext("Tickets"), group: moving, run: () => desk.select({view: "tickets"})},
    {key: "F6", title: gettext("Next pane"), group: moving, run: () => nextPane(1), hidden: true},
    {key: "shift+F6", title: gettext("Previous pane"), group: moving, run: () => nextPane(-1), hidden: true},
    {key: "mod+k", title: gettext("Search or do…"), group: page, run: () => desk.ask("palette"), hidden: true},
    {key: "?", title: gettext("Keyboard shortcuts"), group: page, run: () => desk.ask("help")},
    {key: ",", title: gettext("Settings"), group: page, run: () => desk.ask("settings")},
    ...Object.entries(statusNames()).map(([status, name]) => ({
      key: {AVAILABLE: "p a", BUSY: "p b", OFFLINE: "p o"}[status],
      title: fill(gettext("Your status: %(status)s"), {status: name}), group: page,
      run: () => chooseStatus(desk, status),
    })),
    {key: "Escape", title: gettext("Back to the list"), group: moving, when: inThreads, run: leaveField, hidden: true},
    {
      key: "Escape", title: gettext("Show or hide the details"), group: moving, hidden: true,
      when: () => desk.side.shown.value && !desk.side.wide.value, run: () => desk.side.toggle(false),
    },
  ];
  taken.push(...entries.map(add));
  return () => taken.forEach((take) => take());
}

/** Ask to whom, and go to the conversation. */
export async function writeToColleagues(desk) {
  const thread = await desk.ask("begin");
  if (thread) goTo(desk, thread);
}

/** Go to a conversation to write in it. */
export function goTo(desk, thread) {
  desk.select({thread: thread.id, list: "mine"});
  setTimeout(focusComposer); // the dialog gives the focus back first
}

function write(desk, mode) {
  desk.conversations.drafts.change(desk.place.peek().thread, {mode});
  requestAnimationFrame(focusComposer);
}

export function focusComposer() {
  requestAnimationFrame(() => document.querySelector(".write")?.focus());
}

function step(desk, by) {
  const {list, thread} = desk.place.peek();
  const ids = (desk.threads.filtered.peek() ?? desk.threads.list(list)).ids.peek();
  const at = ids.indexOf(thread);
  const to = ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : at + by];
  if (to) desk.select({thread: to});
}

function nextUnread(desk) {
  const {thread: now} = desk.place.peek();
  const waiting = desk.unreadThreads.peek().filter(({id}) => id !== now);
  waiting.sort((one, other) => (one.lastMessageAt < other.lastMessageAt ? -1 : 1));
  const next = waiting.find((thread) => thread.state !== "queued") ?? waiting[0];
  if (next) desk.select({thread: next.id});
  else desk.toast({text: gettext("There is nothing new.")});
}

function search(desk) {
  if (desk.place.peek().view !== "threads") desk.select({view: "threads"});
  requestAnimationFrame(() => document.querySelector(".search-field")?.focus());
}

/** From pane to pane, as F6 does in windows: the list, the conversation, the field, the details. */
function nextPane(by) {
  const stops = [".rail-place", ".pane-list .virtual", ".log", ".write", ".pane-side"].map((each) => document.querySelector(each)).filter((each) => each?.offsetParent);
  const now = stops.findIndex((each) => each === document.activeElement || each.contains(document.activeElement));
  stops[(now + by + stops.length) % stops.length]?.focus();
}

/** Out of the field, so that letters are keys again: to the list, or where that is empty to the conversation itself. */
export function leaveField() {
  (document.querySelector(".pane-list .virtual") ?? document.querySelector("#main"))?.focus();
}
