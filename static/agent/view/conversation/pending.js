/** A message on its way: being sent, waiting for the connection, or refused. */

import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {problemText} from "../../problems.js";
import {ClockIcon, FileIcon, LockIcon} from "../pieces.js";

export function Pending({item, outbox}) {
  const {body, state, preview} = item;
  const failed = state === "failed";
  const note = body.visibility === "internal";
  return html`<article class=${`message is-own is-first is-last is-pending ${note ? "is-note" : ""}`} tabindex="-1">
    <div class="bubble-box">
      ${note && html`<p class="author"><${LockIcon} /><span>${gettext("Note")}</span></p>`}
      ${preview ? html`<p class="bubble is-file"><${FileIcon} /><bdi>${preview}</bdi></p>` : html`<p class="bubble" dir="auto">${body.content}</p>`}
      <p class=${`meta ${failed ? "is-failed" : ""}`} role=${failed ? "alert" : undefined}>
        ${!failed && html`<${ClockIcon} />`}
        <span>${failed ? `${gettext("Not sent.")} ${problemText(item)}` : state === "waiting" ? gettext("Waiting for the connection…") : gettext("Sending…")}</span>
        ${state !== "sending" && html`<button type="button" class="link" onClick=${() => (failed ? outbox.retry(item.clientId) : outbox.flush())}>${gettext("Try again")}</button>`}
        ${state !== "sending" && html`<button type="button" class="link" onClick=${() => outbox.remove(item.clientId)}>${gettext("Delete")}</button>`}
      </p>
    </div>
  </article>`;
}
