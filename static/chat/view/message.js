/** One message: whose it is, what it says, and whether it arrived. */

import {isOwn} from "../chat.js";
import {html} from "../html.js";
import {exactly, problemText, text, time} from "../i18n.js";
import {Attachment, FileText} from "./attachment.js";
import {Card} from "./card.js";
import {CloseIcon, Face, FileIcon, ownAddress} from "./pieces.js";

const LINK = /(https?:\/\/[^\s<>"'）」』】，。；、]*[^\s<>"'）」』】，。；、.,:;!?)\]])/;

/** `first` and `last` say where a message stands among those that one person wrote in a row. */
export function Message({chat, message, first, last, read}) {
  if (message.type === "system") return html`<li class="system" dir="auto"><span>${message.content}</span></li>`;
  const own = isOwn(message);
  const at = new Date(message.createdAt);
  return html`<li class=${`message ${own ? "is-own" : "is-theirs"} ${first ? "is-first" : ""} ${last ? "is-last" : ""}`}>
    ${!own && (last ? html`<${Face} name=${message.user?.nickname} picture=${message.user?.avatar} />` : html`<span class="face-gap"></span>`)}
    <div class="bubble-box">
      ${!own && first && html`<p class="author" dir="auto">${message.user?.nickname}</p>`}
      <span class="unseen">${own ? `${text("visitor")}: ` : ""}</span>
      <${Content} chat=${chat} message=${message} />
      ${last && html`<p class="meta">
        <time datetime=${message.createdAt} title=${exactly(at)}>${time(at)}</time>
        ${message.editedAt && !message.recalledAt && html`<span>${text("edited")}</span>`}
        ${own && html`<span class=${`mark ${read ? "is-read" : ""}`}><span aria-hidden="true">${read ? "✓✓" : "✓"}</span> ${text(read ? "read" : "sent")}</span>`}
      </p>`}
    </div>
  </li>`;
}

function Content({chat, message}) {
  const {type, content, attachment, card} = message;
  if (message.recalledAt) return html`<p class="bubble is-recalled">${text("recalled")}</p>`;
  if (card) return html`<${Card} chat=${chat} card=${card} />`;
  if (attachment) {
    return html`<${Attachment} chat=${chat} attachment=${attachment} />
      ${content && html`<${Text} content=${content} />`}`;
  }
  if (type === "image" && ownAddress(content)) {
    return html`<a class="bubble is-picture" href=${content} target="_blank" rel="noopener noreferrer">
      <img src=${content} alt=${text("image")} loading="lazy" />
    </a>`;
  }
  if (type === "image" || type === "file") {
    return html`<a class="bubble is-file" href=${safe(content)} target="_blank" rel="noopener noreferrer nofollow">
      <${FileIcon} /><bdi>${nameOf(content) || text(type)}</bdi>
    </a>`;
  }
  return html`<${Text} content=${content} />`;
}

const Text = ({content}) => html`<p class="bubble" dir="auto">${content.split(LINK).map((part, place) =>
  place % 2 ? html`<a href=${part} target="_blank" rel="noopener noreferrer nofollow">${part}</a>` : part,
)}</p>`;

/** A message on its way. */
export function Pending({item, outbox}) {
  const failed = item.state === "failed";
  const state = failed ? `${text("failed")}. ${problemText(item.code)}` : item.state === "waiting" ? problemText(item.code) : text("sending");
  return html`<li class="message is-own is-first is-last is-pending">
    <div class="bubble-box">
      ${item.file ? html`<${PendingFile} item=${item} outbox=${outbox} />` : html`<p class="bubble" dir="auto">${item.content}</p>`}
      <p class=${`meta ${failed ? "is-failed" : ""}`}>
        ${state}
        ${failed && html`${item.code !== "file_lost" && html`<button type="button" class="link" onClick=${() => outbox.retry(item.clientId)}>${text("retry")}</button>`}
          <button type="button" class="link" onClick=${() => outbox.remove(item.clientId)}>${text("delete")}</button>`}
      </p>
    </div>
  </li>`;
}

/** A file on its way: how it looks, what it is called, and how much of it is there. */
function PendingFile({item, outbox}) {
  const {name, size} = item.file;
  const percent = Math.round((item.progress ?? 0) * 100);
  return html`<div class="bubble is-file">
    ${item.preview ? html`<img class="preview" src=${item.preview} alt="" width="44" height="44" />` : html`<${FileIcon} />`}
    <${FileText} name=${name} size=${size} />
    ${item.state !== "failed" && html`
      <button type="button" class="cancel" title=${text("cancel")} aria-label=${text("cancel")} onClick=${() => outbox.remove(item.clientId)}><${CloseIcon} /></button>
      <progress class="progress" max="100" value=${percent} aria-label=${name}>${percent} %</progress>`}
  </div>`;
}

const safe = (address) => (/^(https?:\/\/|\/)/.test(address) ? address : undefined);

function nameOf(address) {
  try {
    return decodeURIComponent(new URL(address, location.href).pathname.split("/").at(-1));
  } catch {
    return "";
  }
}
