/** The whole page: who answers, what was said, where to write. */

import {html} from "../html.js";
import {bytes, problemText, text} from "../i18n.js";
import {Composer} from "./composer.js";
import {Drop} from "./drop.js";
import {Header} from "./header.js";
import {Lightbox} from "./lightbox.js";
import {Log} from "./log.js";
import {Instead, Offline} from "./offline.js";
import {Rating} from "./rating.js";
import {PersonButton, RobotHelp} from "./robot.js";

export function App({chat}) {
  if (chat.state.value === "refused") return html`<${Header} chat=${chat} /><${Refused} chat=${chat} />`;
  const offline = !chat.connected.value;
  return html`
    <${Header} chat=${chat} />
    <div class="banner-place" role="status">${offline && html`<p class="banner">${text("reconnecting")}</p>`}</div>
    <${Log} chat=${chat}><${RobotHelp} chat=${chat} /><${Rating} chat=${chat} /><${Offline} chat=${chat} /><//>
    <${Instead} leaving=${chat.leaving} />
    ${chat.problem.value && html`<p class="problem" role="alert">${problemText(chat.problem.value)}</p>`}
    <${RefusedFiles} chat=${chat} />
    <${PersonButton} chat=${chat} />
    ${!chat.leaving.instead.value && html`<${Composer} chat=${chat} />`}
    <${Lightbox} chat=${chat} />
    <${Drop} chat=${chat} />`;
}

const RefusedFiles = ({chat}) => chat.refusedFiles.value.length > 0 && html`<div class="problem refused-files" role="alert">
  ${chat.refusedFiles.value.map(({name, problem}) => html`<p key=${name}><bdi>${name}</bdi>: ${text(problem, {size: bytes(chat.desk.value.files.bytes)})}</p>`)}
  <button type="button" class="link" onClick=${() => (chat.refusedFiles.value = [])}>${text("close")}</button>
</div>`;

const Refused = ({chat}) => html`<main class="refused" role="alert">
  <h2>${text("refused")}</h2>
  <p>${problemText(chat.problem.value)}</p>
  <button type="button" class="button" onClick=${() => chat.retry()}>${text("retry")}</button>
</main>`;
