/** The messages, by day and by who wrote them; keeps the reader's place whatever comes above or below. */

import {useLayoutEffect, useRef, useState} from "preact/hooks";
import {isOwn} from "../chat.js";
import {html} from "../html.js";
import {count, day, text} from "../i18n.js";
import {Message, Pending} from "./message.js";
import {DownIcon, Face, ownAddress} from "./pieces.js";

const NEAR = 80; // px from the end that still count as being there
const TOGETHER = 5 * 60_000; // ms between two messages of one person that belong together

export function Log({chat, children}) {
  const messages = chat.messages.value;
  const pending = chat.outbox.items.value;
  const box = useRef(null);
  const place = useRef({first: 0, height: 0, end: true});
  const [away, setAway] = useState(false);
  const unread = chat.unread.value;

  useLayoutEffect(() => {
    const {current: element} = box;
    const {first, height, end} = place.current;
    const nowFirst = messages[0]?.seq ?? 0;
    if (first && nowFirst < first) element.scrollTop += element.scrollHeight - height;
    else if (end && !chat.leaving.shown.value) element.scrollTop = element.scrollHeight; // a form is read from its top
    place.current = {...place.current, first: nowFirst, height: element.scrollHeight};
    if (end) look(chat);
  }, [messages, pending, chat.shown.value, chat.thread.value, chat.state.value]);

  useLayoutEffect(() => {
    const {current: element} = box;
    const turned = () => document.visibilityState === "visible" && place.current.end && look(chat);
    // A keyboard that slides in, a picture that comes late: the end stays the end.
    const sizes = new ResizeObserver(() => place.current.end && !chat.leaving.shown.peek() && (element.scrollTop = element.scrollHeight));
    sizes.observe(element);
    sizes.observe(element.firstElementChild);
    document.addEventListener("visibilitychange", turned);
    return () => {
      sizes.disconnect();
      document.removeEventListener("visibilitychange", turned);
    };
  }, []);

  function scrolled() {
    const {current: element} = box;
    const end = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    place.current.end = end;
    setAway(!end);
    if (end) look(chat);
    if (element.scrollTop < 200) chat.older();
  }

  function toEnd() {
    place.current.end = true;
    box.current.scrollTo({top: box.current.scrollHeight, behavior: "smooth"});
  }

  // Whoever writes wants to see what they wrote.
  useLayoutEffect(() => {
    if (pending.length) box.current.scrollTop = box.current.scrollHeight;
  }, [pending.length]);

  return html`<main class="log-place">
    <div class="log" ref=${box} onScroll=${scrolled} tabindex="0" aria-label=${text("conversation")}
      aria-busy=${chat.state.value === "loading" || chat.loadsOlder.value}>
      <div class="log-inner">
        ${chat.loadsOlder.value && html`<p class="older">${text("older")}</p>`}
        ${!chat.hasOlder.value && chat.state.value === "ready" && html`<${Welcome} desk=${chat.desk.value} />`}
        <ul role="log" aria-live="polite" aria-relevant="additions" aria-label=${text("conversation")}>
          ${rows(chat, messages, chat.marker.value, readUpTo(chat.thread.value, messages))}
          ${pending.map((item) => html`<${Pending} key=${`out-${item.clientId}`} item=${item} outbox=${chat.outbox} />`)}
        </ul>
        ${children}
      </div>
    </div>
    ${away && html`<button type="button" class="to-end" onClick=${toEnd} aria-label=${text("back")}>
      <${DownIcon} />${unread > 0 && html`<span>${text(unread === 1 ? "newCountOne" : "newCount", {count: count(unread)})}</span>`}
    </button>`}
  </main>`;
}

function look(chat) {
  if (chat.attention.looking) chat.seen();
}

const Welcome = ({desk}) => html`<div class="welcome">
  ${ownAddress(desk.logoUrl) ? html`<img class="logo" src=${desk.logoUrl} alt="" />` : html`<${Face} name=${desk.name || text("support")} />`}
  <p class="welcome-name" dir="auto">${desk.name}</p>
  <p class="welcome-text" dir="auto">${desk.robot?.welcomeText || desk.welcomeText || text("welcome")}</p>
</div>`;

/** How far the agent has read: what it says itself, or as far as it has answered. */
const readUpTo = (thread, messages) =>
  Math.max(thread?.agentReadSeq ?? 0, messages.findLast(({user}) => user && user.type !== "visitor")?.seq ?? 0);

function rows(chat, messages, marker, readByAgent) {
  const found = [];
  let marked = marker === null;
  messages.forEach((message, at) => {
    const before = messages[at - 1];
    const after = messages[at + 1];
    const moment = new Date(message.createdAt);
    const isNewDay = !before || new Date(before.createdAt).toDateString() !== moment.toDateString();
    if (isNewDay) found.push(html`<li class="day" key=${`day-${message.id}`}><span>${day(moment)}</span></li>`);
    const isNew = !marked && message.seq > marker && !isOwn(message);
    if (isNew) {
      marked = true;
      found.push(html`<li class="news" key="news"><span>${text("newMessages")}</span></li>`);
    }
    found.push(html`<${Message} key=${message.id} chat=${chat} message=${message} read=${message.seq <= readByAgent}
      first=${isNewDay || isNew || !together(before, message)} last=${!after || !together(message, after)} />`);
  });
  return found;
}

const together = (one, other) =>
  one.type !== "system" && other.type !== "system" && one.user?.id === other.user?.id &&
  new Date(other.createdAt) - new Date(one.createdAt) < TOGETHER;
