/** The whole page: who answers, what was said, where to write. */

import {html} from "../html.js";
import {problemText, text} from "../i18n.js";
import {Composer} from "./composer.js";
import {Header} from "./header.js";
import {Log} from "./log.js";
import {Rating} from "./rating.js";
import {PersonButton, RobotHelp} from "./robot.js";

export function App({chat}) {
  if (chat.state.value === "refused") return html`<${Header} chat=${chat} /><${Refused} chat=${chat} />`;
  const offline = !chat.connected.value;
  return html`
    <${Header} chat=${chat} />
    <div class="banner-place" role="status">${offline && html`<p class="banner">${text("reconnecting")}</p>`}</div>
    <${Log} chat=${chat}><${RobotHelp} chat=${chat} /><${Rating} chat=${chat} /><//>
    ${chat.problem.value && html`<p class="problem" role="alert">${problemText(chat.problem.value)}</p>`}
    <${PersonButton} chat=${chat} />
    <${Composer} chat=${chat} />`;
}

const Refused = ({chat}) => html`<main class="refused" role="alert">
  <h2>${text("refused")}</h2>
  <p>${problemText(chat.problem.value)}</p>
  <button type="button" class="button" onClick=${() => chat.retry()}>${text("retry")}</button>
</main>`;
