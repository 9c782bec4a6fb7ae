/** Who answers, and how the conversation stands. */

import {useState} from "preact/hooks";
import {html} from "../html.js";
import {count, text, wait} from "../i18n.js";
import {CloseIcon, EndIcon, Face, SilentIcon, SoundIcon} from "./pieces.js";

export function Header({chat}) {
  const [asks, ask] = useState(false);
  const thread = chat.thread.value;
  const desk = chat.desk.value;
  const agent = thread?.state === "closed" ? null : (thread?.agent ?? chat.robot.face.value);
  const name = agent?.nickname || desk.name || text("support");
  const {sound} = chat.attention;
  const end = async () => {
    ask(false);
    await chat.end();
  };
  return html`<header class="head">
    <${Face} name=${name} picture=${agent ? agent.avatar : desk.logoUrl} />
    <div class="head-text">
      <h1 class="head-name" dir="auto">${name}</h1>
      <p class="head-state" role="status">
        <span class=${`dot is-${chat.leaving.away.value ? "closed" : (thread?.state ?? "new")}`}></span><span>${stateOf(chat, thread)}</span>
      </p>
    </div>
    <button type="button" class="head-button" aria-pressed=${sound.value} title=${text(sound.value ? "soundOff" : "soundOn")}
      aria-label=${text(sound.value ? "soundOff" : "soundOn")} onClick=${() => chat.attention.toggle()}>
      <${sound.value ? SoundIcon : SilentIcon} />
    </button>
    ${thread && thread.state !== "closed" && html`<button type="button" class="head-button" title=${text("end")} aria-label=${text("end")}
      aria-expanded=${asks} onClick=${() => ask(!asks)}><${EndIcon} /></button>`}
    ${chat.host && html`<button type="button" class="head-button" title=${text("closeChat")} aria-label=${text("closeChat")}
      onClick=${() => chat.host.tell("close")}><${CloseIcon} /></button>`}
    ${asks && html`<div class="ask" role="alertdialog" aria-label=${text("endAsk")}
      onKeyDown=${(event) => event.key === "Escape" && (event.preventDefault(), ask(false))}>
      <p>${text("endAsk")}</p>
      <button type="button" class="button is-quiet" ref=${focused} onClick=${() => ask(false)}>${text("cancel")}</button>
      <button type="button" class="button" onClick=${end}>${text("end")}</button>
    </div>`}
  </header>`;
}

const focused = (element) => element?.focus();

function stateOf(chat, thread) {
  if (chat.state.value === "loading") return text("connecting");
  if (chat.leaving.away.value) return text("away");
  if (!thread) return text("listening");
  if (thread.state === "closed") return text("closed");
  if (thread.state === "open") return [text("open"), thread.team?.name].filter(Boolean).join(" · ");
  return [
    text("waiting"),
    thread.position && text("waitingPosition", {count: count(thread.position)}),
    thread.estimateSeconds && text("waitingAbout", {time: wait(thread.estimateSeconds)}),
  ].filter(Boolean).join(" · ");
}
