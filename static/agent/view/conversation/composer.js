/** Where an agent writes: an answer, or a note that no visitor sees. Enter sends, Shift+Enter breaks the line. */

import {useLayoutEffect, useRef, useState} from "preact/hooks";
import {leaveField, perform, threadActions} from "../../actions.js";
import {html} from "../../html.js";
import {count, fill, gettext} from "../../i18n.js";
import {amongColleagues} from "../../store/kinds.js";
import {ClipIcon, LockIcon, SendIcon, SlashIcon, SmileIcon} from "../pieces.js";
import {nameOfUser} from "../people.js";
import {Attachments} from "./attachments.js";
import {Lazy} from "./lazy.js";
import {beginsAt, Suggestions, useSuggestions} from "./suggestions.js";
import {Typing} from "./typing.js";

const LONGEST = 20_000; // characters, as the desk counts them
const HIGHEST = 220; // px
const TOUCH = matchMedia("(pointer: coarse)");
const emoji = () => import("./emoji.js");

export function Composer({desk, conversation}) {
  const {id, writing} = conversation;
  const {drafts} = desk.conversations;
  const thread = desk.threads.watch(id).value;
  const draft = drafts.of(id).value;
  const field = useRef(null);
  const file = useRef(null);
  const away = useRef(false);
  const [picks, pick] = useState(false);
  const [over, setOver] = useState(false);
  const closed = thread?.state === "closed";
  const among = amongColleagues(thread);
  const mode = among ? "reply" : closed ? "note" : draft.mode;
  const text = draft[mode];
  const length = text.length > LONGEST / 2 ? [...text].length : text.length;
  const uploads = writing.uploads.items.value;
  const ready = (text.trim() !== "" || uploads.length > 0) && length <= LONGEST;
  const suggestions = useSuggestions(desk, conversation, among ? thread : null, mode, text, field, write);

  useLayoutEffect(() => {
    const {current: element} = field;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, HIGHEST)}px`;
  }, [text, mode]);

  if (!desk.may("messages:write")) return html`<p class="composer-note">${gettext("This access token may read, but not write.")}</p>`;
  if (among && closed) return html`<p class="composer-note">${gettext("This conversation is closed.")}</p>`;

  function write(now, caret) {
    drafts.change(id, {[mode]: now, mode});
    if (caret === undefined) return;
    // Who has typed on meanwhile is further than that.
    requestAnimationFrame(() => field.current?.value === now && field.current.setSelectionRange(caret, caret));
  }

  function typed(event) {
    write(event.currentTarget.value);
    writing.typed(mode, event.currentTarget.value);
    suggestions.look();
  }

  async function send(event) {
    event?.preventDefault();
    if (!ready) return;
    pick(false);
    if (closed) drafts.change(id, {mode: "note"});
    field.current.focus();
    away.current = false;
    await writing.send();
  }

  function pressed(event) {
    // In an input method (Chinese, Japanese) Enter and the arrows choose a candidate.
    if (event.isComposing || event.keyCode === 229) return;
    if (suggestions.pressed(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && !TOUCH.matches) return send(event);
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (picks) pick(false);
      // Only straight after sending: who has been elsewhere since does not think of that any more.
      else if (writing.last.peek() && !away.current) writing.undo();
      else leaveField();
    } else if (event.key === "ArrowUp" && !text) editLast(event, conversation, desk);
  }

  function insert(sign) {
    const {selectionStart, selectionEnd} = field.current;
    write(text.slice(0, selectionStart) + sign + text.slice(selectionEnd), selectionStart + sign.length);
  }

  function take(files) {
    if (files.length) writing.uploads.add([...files]);
    field.current?.focus();
  }

  const drops = {
    onDragOver: (event) => event.dataTransfer.types.includes("Files") && (event.preventDefault(), setOver(true)),
    onDragLeave: (event) => !event.currentTarget.contains(event.relatedTarget) && setOver(false),
    onDrop: (event) => {
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      setOver(false);
      take(event.dataTransfer.files);
    },
    onPaste: (event) => {
      const {files, types} = event.clipboardData;
      // Office programs put a picture of a text beside it: the text is meant.
      if (!files.length || (types.includes("text/html") && types.includes("text/plain"))) return;
      event.preventDefault();
      take(files);
    },
  };
  const words = among ? gettext("Write a message…") : mode === "note" ? gettext("Write a note for your colleagues…") : gettext("Write an answer…");
  return html`<div class="composer-place" ...${drops}>
    <${Typing} conversation=${conversation} writing=${writing} />
    <${Standing} desk=${desk} thread=${thread} />
    <form class=${`composer is-${mode} ${over ? "is-over" : ""}`} onSubmit=${send}>
      <${Attachments} uploads=${writing.uploads} />
      <${Suggestions} state=${suggestions} />
      ${picks && html`<${Lazy} load=${emoji} onPick=${insert} onClose=${() => (pick(false), field.current.focus())} />`}
      ${length > LONGEST && html`<p class="limit" role="alert">${fill(gettext("At most %(n)s characters"), {n: count(LONGEST)})} (${count(length)})</p>`}
      <textarea class="write" id="write" ref=${field} rows="1" dir="auto" value=${text} placeholder=${words} aria-label=${words} aria-invalid=${String(length > LONGEST)}
        ...${suggestions.attributes} autocomplete="off" onInput=${typed} onKeyDown=${pressed} onClick=${suggestions.look} onBlur=${() => (away.current = true)}></textarea>
      <div class="composer-bar">
        ${!among && html`<${Modes} mode=${mode} closed=${closed} choose=${(to) => (drafts.change(id, {mode: to}), field.current.focus())} />`}
        <span class="composer-gap"></span>
        <button type="button" class="icon-button" aria-label=${gettext("Insert an emoji")} title=${gettext("Insert an emoji")} aria-expanded=${String(picks)} onClick=${() => pick(!picks)}><${SmileIcon} /></button>
        <button type="button" class="icon-button" aria-label=${gettext("Attach files")} title=${gettext("Attach files")} onClick=${() => file.current.click()}><${ClipIcon} /></button>
        <input type="file" multiple hidden ref=${file} onChange=${(event) => (take(event.currentTarget.files), (event.currentTarget.value = ""))} />
        ${mode === "reply" && html`<button type="button" class="icon-button" aria-label=${gettext("Canned replies")} title=${`${gettext("Canned replies")} (/)`} onClick=${() => begin("/")}><${SlashIcon} /></button>`}
        <button type="submit" class="send" aria-label=${mode === "note" ? gettext("Save the note") : gettext("Send")} title=${mode === "note" ? gettext("Save the note") : gettext("Send")} aria-disabled=${String(!ready)}><${SendIcon} /></button>
      </div>
    </form>
  </div>`;

  function begin(sign) {
    const start = beginsAt(text) ? text : `${text} `;
    field.current.focus();
    write(`${start}${sign}`, start.length + 1);
    requestAnimationFrame(() => suggestions.look());
  }
}

/** Reply or note: told apart by place, colour, sign and word. */
function Modes({mode, closed, choose}) {
  const names = {reply: gettext("Reply"), note: gettext("Note")};
  return html`<div class="modes" role="radiogroup" aria-label=${gettext("What you write")}>
    ${Object.keys(names).filter((each) => !closed || each === "note").map((each) => html`<button type="button" role="radio" key=${each} class="mode" aria-checked=${String(mode === each)}
      tabindex=${mode === each ? 0 : -1} aria-keyshortcuts=${each === "note" ? "Alt+N" : "Alt+R"} onClick=${() => choose(each)}
      onKeyDown=${(event) => ["ArrowLeft", "ArrowRight"].includes(event.key) && !closed && (event.preventDefault(), choose(mode === "note" ? "reply" : "note"))}>
      ${each === "note" && html`<${LockIcon} />`}${names[each]}
    </button>`)}
  </div>`;
}

/** What stands between the agent and an answer: nobody has accepted, somebody else has it, it is over. */
function Standing({desk, thread}) {
  const me = desk.profile.value?.id;
  if (!thread || amongColleagues(thread)) return null;
  const other = thread.state === "open" && thread.agent?.id && thread.agent.id !== me && !thread.participants?.some(({id}) => id === me);
  const words = {
    queued: gettext("Waiting in the queue. Your answer accepts the conversation."),
    closed: gettext("This conversation is closed. Notes are still possible."),
  };
  const robot = thread.state === "open" && !thread.agent?.id && thread.robot;
  const text = robot ? fill(gettext("%(name)s answers here. Your answer takes the conversation over."), {name: nameOfUser(robot)}) : other ? fill(gettext("%(name)s has this conversation."), {name: nameOfUser(thread.agent)}) : words[thread.state];
  if (!text) return null;
  const name = robot ? "accept" : {queued: "accept", closed: "reopen"}[thread.state] ?? "takeover";
  const action = threadActions(desk).find((each) => each.name === name && each.when(thread, me));
  return html`<div class="standing"><p>${text}</p>
    ${action && html`<button type="button" class="link" onClick=${() => perform(desk, action, thread)}>${action.title}<kbd aria-hidden="true">${action.key.toUpperCase()}</kbd></button>`}
  </div>`;
}

/**
 * The arrow up in an empty field changes the last message of one's own, as people know it from chats: that one or none,
 * and where it can be seen.
 */
async function editLast(event, conversation, desk) {
  const {outbox, editing} = desk.conversations;
  if (outbox.items.peek().some(({thread}) => thread === conversation.id)) return; // the last one is on its way
  const me = desk.profile.peek()?.id;
  const lastOwn = () => conversation.messages.peek().findLast(({user, type, recalledAt}) => user?.id === me && type !== "system" && !recalledAt);
  if (!conversation.later.peek() && lastOwn()?.type !== "text") return;
  event.preventDefault();
  try {
    await conversation.newest();
  } catch (error) {
    return desk.fail(error);
  }
  const last = lastOwn();
  if (!last) return;
  await conversation.show(last.seq, {quiet: true});
  if (last.type === "text") editing.value = last.id;
}
