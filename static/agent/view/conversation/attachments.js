/** The files that will go along, each with how far it has got. */

import {html} from "../../html.js";
import {fill, gettext, percent} from "../../i18n.js";
import {problemText} from "../../problems.js";
import {CloseIcon, FileIcon} from "../pieces.js";
import {sizeText} from "./files.js";

export function Attachments({uploads}) {
  const items = uploads.items.value;
  if (!items.length) return null;
  return html`<ul class="attachments" aria-label=${gettext("Attachments")}>
    ${items.map(({key, file, address, part, state, error}) => html`<li class=${`attachment is-${state}`} key=${key}>
      ${address ? html`<img src=${address} alt="" />` : html`<${FileIcon} />`}
      <span class="file-text"><bdi class="file-name">${file.name || gettext("Picture")}</bdi>
        <span class="file-size" role=${state === "failed" ? "alert" : undefined}>
          ${state === "failed" ? problemText(error) : state === "running" ? fill(gettext("%(n)s sent"), {n: percent(part)}) : sizeText(file.size)}
        </span>
        ${state === "running" && html`<progress max="1" value=${part} aria-label=${file.name}></progress>`}
      </span>
      ${state === "failed" && !error.final && html`<button type="button" class="link" onClick=${() => uploads.retry(key)}>${gettext("Try again")}</button>`}
      ${uploads.remove && html`<button type="button" class="icon-button" aria-label=${fill(gettext("Remove %(name)s"), {name: file.name})} onClick=${() => uploads.remove(key)}><${CloseIcon} /></button>`}
    </li>`)}
  </ul>`;
}
