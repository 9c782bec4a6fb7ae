/** What a message says: text with links, a picture, a file, a card. */

import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {FileIcon, ownPicture} from "../pieces.js";

const LINK = /(https?:\/\/[^\s<>"'）」』】，。；、]*[^\s<>"'）」』】，。；、.,:;!?)\]])/;
const LARGEST = {width: 320, height: 260};

export function Content({desk, message}) {
  const {type, content, attachment, card} = message;
  if (message.recalledAt) return html`<p class="bubble is-empty">${gettext("This message was recalled.")}</p>`;
  if (type === "card" && card) return html`<${Card} card=${card} />`;
  if (type === "image") return html`<${Picture} desk=${desk} message=${message} />`;
  if (type === "file") return html`<${File} attachment=${attachment} address=${content} />`;
  return html`<p class="bubble" dir="auto"><${Text} text=${content} mentions=${message.mentions} /></p>`;
}

/** Text in which addresses are links and mentioned colleagues stand out. */
export function Text({text, mentions}) {
  return text.split(LINK).map((part, at) =>
    at % 2 ? html`<a href=${part} target="_blank" rel="noopener noreferrer nofollow">${part}</a>` : mentioned(part, mentions),
  );
}

function mentioned(text, mentions) {
  const names = (mentions ?? []).map(({nickname}) => `@${nickname}`).filter((name) => name.length > 1);
  if (!names.length) return text;
  const parts = text.split(new RegExp(`(${names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`));
  return parts.map((part, at) => (at % 2 ? html`<span class="mention">${part}</span>` : part));
}

function Picture({desk, message}) {
  const {attachment, content} = message;
  const address = ownPicture(attachment?.thumbnailUrl || attachment?.url || content);
  if (!address) return html`<${File} attachment=${attachment} address=${content} />`;
  const name = attachment?.name || gettext("Picture");
  const size = sizeOf(attachment);
  const show = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    desk.ask("picture", {address: attachment?.url || content, name});
  };
  return html`<a class="bubble is-picture" href=${attachment?.url || content} target="_blank" rel="noopener" onClick=${show} aria-label=${name}>
    <img src=${address} alt=${name} ...${size} loading="lazy" decoding="async" />
  </a>`;
}

/** The size a picture will have, so that the page need not move when it comes. */
function sizeOf(attachment) {
  const {width, height} = attachment ?? {};
  if (!width || !height) return {width: LARGEST.width, height: 200, class: "is-unknown"};
  const scale = Math.min(1, LARGEST.width / width, LARGEST.height / height);
  return {width: Math.max(48, Math.round(width * scale)), height: Math.max(32, Math.round(height * scale))};
}

function File({attachment, address}) {
  const link = attachment?.url || (/^(https?:\/\/|\/)/.test(address) ? address : undefined);
  return html`<a class="bubble is-file" href=${link} target="_blank" rel="noopener noreferrer nofollow" download=${attachment?.name}>
    <${FileIcon} />
    <span class="file-text"><bdi class="file-name">${attachment?.name || nameOf(address) || gettext("File")}</bdi>
      ${attachment?.size > 0 && html`<span class="file-size">${sizeText(attachment.size)}</span>`}</span>
  </a>`;
}

export function sizeText(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function Card({card}) {
  const picture = ownPicture(card.imageUrl);
  return html`<div class="bubble is-card">
    ${picture && html`<img src=${picture} alt="" loading="lazy" />`}
    <p class="card-title" dir="auto">${safe(card.url) ? html`<a href=${card.url} target="_blank" rel="noopener noreferrer nofollow">${card.title}</a>` : card.title}</p>
    ${card.text && html`<p class="card-text" dir="auto">${card.text}</p>`}
    ${card.buttons?.length > 0 && html`<div class="card-buttons">${card.buttons.map((button, at) =>
      safe(button.url)
        ? html`<a class="chip" key=${at} href=${button.url} target="_blank" rel="noopener noreferrer nofollow">${button.label}</a>`
        : html`<span class="chip" key=${at}>${button.label}</span>`)}</div>`}
  </div>`;
}

const safe = (address) => (/^https?:\/\//.test(address ?? "") ? address : undefined);

function nameOf(address) {
  try {
    return decodeURIComponent(new URL(address, location.href).pathname.split("/").at(-1));
  } catch {
    return "";
  }
}
