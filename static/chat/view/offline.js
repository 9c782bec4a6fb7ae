/** While nobody is there: the form of a message to leave, and thanks for it. */

import {useEffect, useRef} from "preact/hooks";
import {html} from "../html.js";
import {opening, problemText, text} from "../i18n.js";

export function Offline({chat}) {
  const {leaving} = chat;
  if (leaving.left.value) return html`<${Thanks} leaving=${leaving} />`;
  return leaving.shown.value && html`<${Form} chat=${chat} leaving=${leaving} />`;
}

/** For whoever waits in the queue: another way. */
export const Instead = ({leaving}) =>
  leaving.mayAsk.value && html`<p class="instead"><button type="button" class="link" onClick=${() => leaving.ask()}>${text("leaveInstead")}</button></p>`;

function Form({chat, leaving}) {
  const form = useRef(null);
  const {closedText, opensAt} = chat.desk.value;
  const away = leaving.away.value;
  const problem = leaving.problem.value;

  useEffect(() => {
    if (leaving.asked.peek()) form.current.elements.content.focus();
  }, []);
  // Older messages come above it.
  useEffect(() => {
    if (!form.current.contains(document.activeElement)) form.current.scrollIntoView({block: "start"});
  }, [chat.messages.value.length, chat.state.value]);

  const send = async (event) => {
    event.preventDefault();
    const wrong = await leaving.send();
    if (wrong) form.current.elements[wrong].focus();
  };

  return html`<form class="leave" ref=${form} onSubmit=${send} noValidate aria-labelledby="leave-title">
    <h2 id="leave-title" dir="auto">${away ? closedText || text("away") : text("leaveTitle")}</h2>
    ${away && opensAt && html`<p class="leave-when" dir="auto">${text("backAt", {time: opening(new Date(opensAt))})}</p>`}
    ${!leaving.instead.value && html`<p class="leave-back" role="status">${text("backNow")}
      <button type="button" class="link" onClick=${() => leaving.chatInstead()}>${text("chatInstead")}</button></p>`}
    <p class="leave-hint">${text("leaveHint")}</p>
    <${Field} leaving=${leaving} name="content" long />
    <${Field} leaving=${leaving} name="nickname" complete="name" longest="120" />
    <div class="leave-pair">
      <${Field} leaving=${leaving} name="email" type="email" complete="email" longest="254" />
      <${Field} leaving=${leaving} name="phone" type="tel" complete="tel" longest="40" />
    </div>
    ${problem && html`<p class="field-error" role="alert">${PROBLEMS[problem] ? text(PROBLEMS[problem]) : problemText(problem)}</p>`}
    <div class="leave-buttons">
      ${leaving.asked.value && !away && html`<button type="button" class="button is-quiet" onClick=${() => leaving.stay()}>${text("keepWaiting")}</button>`}
      <button type="submit" class="button" disabled=${leaving.busy.value}>${text(leaving.busy.value ? "sending" : "leaveSend")}</button>
    </div>
  </form>`;
}

const PROBLEMS = {invalid_state: "answersNow", validation_failed: "checkForm", throttled: "leftEnough"};
const LABELS = {content: "yourMessage", nickname: "yourName", email: "yourEmail", phone: "yourPhone"};

function Field({leaving, name, type = "text", complete = "off", longest = "20000", long = false}) {
  const wrong = leaving.errors.value[name];
  const about = {
    id: `leave-${name}`,
    name,
    value: leaving.draft.value[name],
    maxlength: longest,
    dir: type === "text" ? "auto" : "ltr",
    autocomplete: complete,
    "aria-required": long,
    "aria-invalid": Boolean(wrong),
    "aria-describedby": wrong ? `leave-${name}-error` : undefined,
    onInput: (event) => leaving.write(name, event.currentTarget.value),
  };
  return html`<div class="field">
    <label for=${about.id}>${text(LABELS[name])}</label>
    ${long ? html`<textarea rows="4" ...${about}></textarea>` : html`<input type=${type} ...${about} />`}
    ${wrong && html`<p class="field-error" id=${`leave-${name}-error`}>${text(wrong)}</p>`}
  </div>`;
}

function Thanks({leaving}) {
  const {name, to} = leaving.left.value;
  const place = useRef(null);
  useEffect(() => place.current.scrollIntoView({block: "nearest"}), []);
  return html`<div class="leave is-left" ref=${place} role="status">
    <h2 dir="auto">${name ? text("thanksName", {name}) : text("thanks")}</h2>
    <p>${text("leftHint")} <bdi>${to}</bdi></p>
    <button type="button" class="link" onClick=${() => leaving.again()}>${text("leaveAnother")}</button>
  </div>`;
}
