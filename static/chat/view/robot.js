/** Below the messages: who writes, what may be answered by a tap, and the way to a person. */

import {html} from "../html.js";
import {text} from "../i18n.js";

export function RobotHelp({chat}) {
  const {robot} = chat;
  const suggestions = robot.suggestions.value;
  const writer = robot.writer.value;
  return html`
    <div class="typing" role="status">
      ${writer && html`<span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span>
        <span dir="auto">${text("typing", {name: writer})}</span>`}
    </div>
    ${suggestions.length > 0 && html`<ul class="chips" aria-label=${text("suggestions")}>
      ${suggestions.map((each) => html`<li key=${each}><button type="button" class="chip" dir="auto" onClick=${() => say(chat, each)}>${each}</button></li>`)}
    </ul>`}`;
}

/** Asks for a person; stands above where the visitor writes. */
export function PersonButton({chat}) {
  const {robot} = chat;
  if (!robot.canAsk.value) return null;
  return html`<p class="person">
    <button type="button" class="link" disabled=${robot.asks.value} onClick=${() => robot.ask()}>${text("human")}</button>
  </p>`;
}

function say(chat, said) {
  chat.say(said);
  document.querySelector(".write")?.focus();
}
