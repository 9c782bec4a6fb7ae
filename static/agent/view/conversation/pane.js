/** The middle pane: the conversation that is shown, or what to do while none is. */

import {useEffect} from "preact/hooks";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {keycaps} from "../../shortcuts.js";
import {Blank, LockIcon, ThreadIcon, WarningIcon} from "../pieces.js";
import {Composer} from "./composer.js";
import {Header} from "./header.js";
import {Lazy} from "./lazy.js";
import {Log} from "./log.js";

const find = () => import("./find.js");

/** `id` of the thread, or null. */
export function Pane({desk, id}) {
  if (!id) return html`<${Nothing} desk=${desk} />`;
  return html`<${Shown} desk=${desk} id=${id} />`;
}

function Shown({desk, id}) {
  const conversation = desk.conversations.get(id);
  const state = conversation.state.value;
  useEffect(() => () => conversation.left(), []);
  if (state === "gone") {
    return html`<${Header} desk=${desk} id=${id} />
      <${Blank} icon=${LockIcon} title=${gettext("This conversation is not yours to see")} text=${gettext("It was handed on, or it is not there any more.")} />`;
  }
  if (state === "forbidden" || state === "failed") {
    const forbidden = state === "forbidden";
    return html`<${Header} desk=${desk} id=${id} />
      <${Blank} icon=${forbidden ? LockIcon : WarningIcon} alert code=${conversation.problem.value}
        title=${forbidden ? gettext("Not for this access token") : gettext("This could not be loaded")}
        text=${forbidden ? gettext("Whoever issued it can add the right to see this.") : gettext("The desk did not answer. Your work is safe; please try again.")}>
        ${!forbidden && html`<button type="button" class="button is-quiet" onClick=${() => conversation.load()}>${gettext("Try again")}</button>`}
      <//>`;
  }
  return html`
    <${Header} desk=${desk} id=${id} />
    ${conversation.finding.value && html`<${Lazy} load=${find} desk=${desk} conversation=${conversation} onClose=${() => (conversation.finding.value = null)} />`}
    <${Log} desk=${desk} conversation=${conversation} />
    <${Composer} desk=${desk} conversation=${conversation} />
  `;
}

function Nothing({desk}) {
  const hints = [
    ["a", gettext("accept the next from the queue")],
    ["alt+ArrowDown", gettext("next conversation")],
    ["mod+k", gettext("search or do anything")],
    ["?", gettext("all keys")],
  ];
  return html`<${Blank} icon=${ThreadIcon} title=${gettext("No conversation is open")} text=${gettext("Choose one from the list.")}>
    <dl class="hints">
      ${hints.map(([key, what]) => html`<div key=${key}><dt>${keycaps(key)[0].map((cap) => html`<kbd key=${cap}>${cap}</kbd>`)}</dt><dd>${what}</dd></div>`)}
    </dl>
  <//>`;
}
