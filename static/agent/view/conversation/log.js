/**
 * The messages, by day and by who wrote them. Thousands of them stay light: they lie in blocks, and a block far from
 * what is seen is an empty box of the height it had. The reader's place is kept whatever comes above or below.
 */

import {Component} from "preact";
import {useLayoutEffect, useMemo, useRef, useState} from "preact/hooks";
import {html} from "../../html.js";
import {count, day, fill, gettext, ngettext} from "../../i18n.js";
import {DownIcon} from "../pieces.js";
import {Message} from "./message.js";
import {Pending} from "./pending.js";
import {useTarget} from "./target.js";

const NEAR = 60; // px from the end that still count as being there
const TOP = 600; // px before the beginning at which older messages are asked for
const MARGIN = "1400px 0px"; // how far beyond the edges blocks are drawn
const BLOCK = 12; // messages by seq
const TOGETHER = 5 * 60_000; // ms between two messages of one person that belong together

export function Log({desk, conversation}) {
  const messages = conversation.messages.value;
  const state = conversation.state.value;
  const marker = conversation.marker.value;
  const later = conversation.later.value;
  const pending = desk.conversations.outbox.items.value.filter(({thread, clientId}) => thread === conversation.id && !messages.some((each) => each.clientId === clientId));
  const thread = desk.threads.watch(conversation.id).value;
  const box = useRef(null);
  const place = useRef({end: true, anchor: null, top: 0, begun: false});
  const [away, setAway] = useState(false);
  const blocks = useBlocks(messages);
  const watcher = useWatcher(box);
  const unread = thread?.unreadCount ?? 0;

  useLayoutEffect(keep, [messages, pending.length, state]);
  useTarget(box, place, conversation, BLOCK, () => scrolled());

  useLayoutEffect(() => {
    const {current: element} = box;
    // A keyboard that slides in, a block that is drawn again, a window that gets narrower: the place stays.
    const sizes = new ResizeObserver(keep);
    sizes.observe(element);
    sizes.observe(element.firstElementChild);
    const looked = () => place.current.end && look();
    document.addEventListener("visibilitychange", looked);
    addEventListener("focus", looked);
    return () => {
      sizes.disconnect();
      document.removeEventListener("visibilitychange", looked);
      removeEventListener("focus", looked);
    };
  }, []);

  // Whoever writes wants to see what they wrote.
  const newest = pending.at(-1)?.clientId;
  useLayoutEffect(() => {
    if (newest) toNewest();
  }, [newest]);

  function keep() {
    const {current: element} = box;
    if (!element) return;
    if (!place.current.begun && conversation.state.peek() === "ready") {
      place.current.begun = true;
      const line = element.querySelector(".news");
      // Much that is new is read from its beginning.
      if (line && element.scrollHeight - line.offsetTop > element.clientHeight) {
        place.current.end = false;
        element.scrollTop = line.offsetTop - 24;
        return scrolled();
      }
    }
    const {end, anchor, top} = place.current;
    if (end) element.scrollTop = element.scrollHeight;
    else if (anchor?.isConnected) {
      const moved = topOf(anchor, element) - top;
      if (Math.abs(moved) > 0.5) element.scrollTop += moved;
    }
    if (end) look();
    remember();
    if (place.current.begun && element.scrollTop < TOP) conversation.older();
    if (place.current.begun && below(element) < TOP) conversation.newer();
  }

  /** Note which message is at the upper edge, and where: found by a look at the place itself, not by going through all. */
  function remember() {
    const {current: element} = box;
    const {left, top, width} = element.getBoundingClientRect();
    place.current.anchor = null;
    for (const below of [4, 28, 60, 120]) {
      // A message, not the line of a day: that one goes when older messages come before it.
      const anchor = document.elementFromPoint(left + width / 2, top + below)?.closest(".message");
      if (anchor) return Object.assign(place.current, {anchor, top: topOf(anchor, element)});
    }
  }

  function scrolled() {
    const {current: element} = box;
    const end = below(element) < NEAR && !conversation.later.peek();
    place.current.end = end;
    setAway(!end);
    if (end) look();
    else remember();
    if (element.scrollTop < TOP) conversation.older();
    if (below(element) < TOP) conversation.newer();
  }

  function look() {
    if (document.visibilityState === "visible" && document.hasFocus()) conversation.seen();
  }

  function toEnd() {
    place.current.end = true;
    box.current.scrollTop = box.current.scrollHeight;
  }

  /** To the newest message, which need not be loaded. */
  function toNewest() {
    toEnd();
    if (conversation.later.peek()) conversation.newest().then(toEnd, (error) => desk.fail(error));
  }

  const shared = {desk, conversation, watcher};
  const read = thread?.visitorReadSeq ?? 0;
  const delivered = Math.max(read, thread?.visitorDeliveredSeq ?? 0);
  return html`<div class="log-place">
    <div class="log" ref=${box} onScroll=${scrolled} onKeyDown=${(event) => pressed(event, box.current)} tabindex="0" role="region" aria-label=${gettext("Messages")} aria-busy=${String(state === "loading")}>
      <div class="log-inner">
        ${state === "loading" && !messages.length && html`<${Bones} />`}
        ${state === "ready" && !messages.length && !pending.length && html`<p class="log-empty">${gettext("No message yet")}</p>`}
        ${state === "ready" && (conversation.next.value ? html`<p class="older">${gettext("Loading earlier messages…")}</p>` : messages.length > 0 && html`<p class="older is-start">${gettext("The conversation begins here.")}</p>`)}
        ${blocks.map((block, at) => html`<${Block} key=${block.key} ...${shared} block=${block} before=${blocks[at - 1]?.messages.at(-1) ?? null} after=${blocks[at + 1]?.messages[0] ?? null}
          marker=${clipped(marker, block)} read=${Math.min(read, block.last)} delivered=${Math.min(delivered, block.last)} />`)}
        ${pending.map((item) => html`<${Pending} key=${item.clientId} item=${item} outbox=${desk.conversations.outbox} />`)}
      </div>
    </div>
    ${(away || later) && html`<button type="button" class="to-end" onClick=${() => (toNewest(), box.current.focus({preventScroll: true}))}>
      <${DownIcon} /><span>${unread > 0 ? fill(ngettext("%(n)s new message", "%(n)s new messages", unread), {n: count(unread)}) : html`<span class="unseen">${gettext("Back to the newest message")}</span>`}</span>
    </button>`}
  </div>`;
}

/** The line above what is new lies in one block only: the others need not be drawn again for it. */
const clipped = (marker, block) => (marker !== null && marker < block.last && marker >= block.first - 1 ? marker : null);

/** How much there is below what is seen, in px. */
const below = ({scrollHeight, scrollTop, clientHeight}) => scrollHeight - scrollTop - clientHeight;

const topOf = (element, box) => element.getBoundingClientRect().top - box.getBoundingClientRect().top;

/** Cut the messages into blocks; a block in which nothing changed stays the same object. */
function useBlocks(messages) {
  const before = useRef(new Map());
  return useMemo(() => {
    const found = new Map();
    for (const message of messages) {
      const key = Math.floor(message.seq / BLOCK);
      if (!found.has(key)) found.set(key, []);
      found.get(key).push(message);
    }
    const blocks = new Map();
    for (const [key, list] of found) {
      const old = before.current.get(key);
      const same = old && old.messages.length === list.length && old.messages.every((each, at) => each === list[at]);
      blocks.set(key, same ? old : {key, messages: list, first: list[0].seq, last: list.at(-1).seq});
    }
    before.current = blocks;
    return [...blocks.values()];
  }, [messages]);
}

/** Tells blocks when they come near what is seen, and when they go. */
function useWatcher(box) {
  return useMemo(() => {
    const told = new WeakMap();
    let observer = null;
    return {
      watch(element, tell) {
        observer ??= new IntersectionObserver((entries) => {
          for (const {target, isIntersecting} of entries) told.get(target)?.(isIntersecting);
        }, {root: box.current, rootMargin: MARGIN});
        told.set(element, tell);
        observer.observe(element);
        return () => observer.unobserve(element);
      },
    };
  }, []);
}

class Block extends Component {
  state = {near: true, height: 0};

  componentDidMount() {
    this.stop = this.props.watcher.watch(this.element, (near) => {
      if (near === this.state.near) return;
      // What has the focus stays in the page.
      if (!near && this.element.contains(document.activeElement)) return;
      this.setState(near ? {near} : {near, height: this.element.getBoundingClientRect().height});
    });
  }

  componentWillUnmount() {
    this.stop();
  }

  shouldComponentUpdate(props, state) {
    if (state !== this.state) return true;
    return ["block", "before", "after", "marker", "read", "delivered"].some((name) => props[name] !== this.props[name]);
  }

  render({block, before, after, marker, read, delivered, desk, conversation}, {near, height}) {
    const hold = (element) => (this.element = element);
    if (!near) return html`<div class="block" data-block=${block.key} ref=${hold} style=${{height: `${height}px`}}></div>`;
    const rows = [];
    let isMarked = marker === null;
    block.messages.forEach((message, at) => {
      const previous = at ? block.messages[at - 1] : before;
      const next = block.messages[at + 1] ?? after;
      const isNewDay = !previous || new Date(previous.createdAt).toDateString() !== new Date(message.createdAt).toDateString();
      if (isNewDay) rows.push(html`<div class="day" key=${`day-${message.id}`}><span>${day(new Date(message.createdAt))}</span></div>`);
      const isNew = !isMarked && message.seq > marker;
      if (isNew) {
        isMarked = true;
        rows.push(html`<div class="news" key="news" role="separator"><span>${gettext("New messages")}</span></div>`);
      }
      rows.push(html`<${Message} key=${message.id} desk=${desk} conversation=${conversation} message=${message}
        first=${isNewDay || isNew || !together(previous, message)} last=${!next || !together(message, next)}
        mark=${message.seq <= read ? "read" : message.seq <= delivered ? "delivered" : "sent"} />`);
    });
    return html`<div class="block" data-block=${block.key} ref=${hold} style=${{height: ""}}>${rows}</div>`;
  }
}

const together = (one, other) =>
  one.type !== "system" && other.type !== "system" && one.visibility === other.visibility && one.user?.id === other.user?.id &&
  new Date(other.createdAt) - new Date(one.createdAt) < TOGETHER;

/** Arrow keys go from message to message, once one has the focus. */
function pressed(event, box) {
  const now = document.activeElement.closest?.(".message");
  if (!["ArrowUp", "ArrowDown"].includes(event.key) || event.altKey || event.target.matches("textarea")) return;
  const all = [...box.querySelectorAll(".message")];
  if (!all.length) return;
  event.preventDefault();
  const at = now ? all.indexOf(now) + (event.key === "ArrowDown" ? 1 : -1) : all.length - 1;
  const to = all[Math.max(0, Math.min(all.length - 1, at))];
  to.focus();
  to.scrollIntoView({block: "nearest"});
}

const Bones = () => html`<div class="log-bones" role="status">
  <span class="unseen">${gettext("Messages")}: ${gettext("loading")}</span>
  ${["is-theirs is-wide", "is-theirs", "is-own", "is-theirs is-wide", "is-own is-wide"].map((kind, at) => html`<span class=${`bone bone-bubble ${kind}`} key=${at}></span>`)}
</div>`;
