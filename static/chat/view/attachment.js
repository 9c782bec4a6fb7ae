/** What was sent with a message: a picture, a sound, a film or any other file. */

import {useState} from "preact/hooks";
import {fit} from "../files.js";
import {html} from "../html.js";
import {bytes, text} from "../i18n.js";
import {FileIcon} from "./pieces.js";

export function Attachment({chat, attachment}) {
  const {contentType, width} = attachment;
  if (width) return html`<${Picture} chat=${chat} attachment=${attachment} />`;
  if (contentType.startsWith("video/")) return html`<${Player} chat=${chat} attachment=${attachment} kind="video" />`;
  if (contentType.startsWith("audio/")) return html`<${Player} chat=${chat} attachment=${attachment} kind="audio" />`;
  return html`<${FileBox} attachment=${attachment} />`;
}

/** A picture keeps the address it was first loaded from: a newer link to it is no reason to load it again. */
function Picture({chat, attachment}) {
  const {url, thumbnailUrl, width, height, name} = attachment;
  const [source, load] = useState(thumbnailUrl ?? url);
  const size = fit(width, height);
  const again = async () => {
    const fresh = (await chat.renewLinks(attachment.id)) ?? attachment;
    load(fresh.thumbnailUrl ?? fresh.url);
  };
  return html`<button type="button" class="bubble is-picture" aria-label=${text("enlarge", {name})} title=${name}
    onClick=${() => (chat.enlarged.value = attachment.id)}>
    <img src=${source} width=${size.width} height=${size.height} alt=${name} loading="lazy" decoding="async" onError=${again} />
  </button>`;
}

function Player({chat, attachment, kind}) {
  const [source, load] = useState(attachment.url);
  const again = async () => {
    const fresh = await chat.renewLinks(attachment.id);
    if (fresh) load(fresh.url);
  };
  return html`<div class=${`bubble is-player is-${kind}`}>
    <${kind} src=${source} controls preload="metadata" aria-label=${attachment.name} onError=${again}></${kind}>
    <${FileLine} attachment=${attachment} />
  </div>`;
}

const FileBox = ({attachment}) => html`<a class="bubble is-file" href=${attachment.url} target="_blank" rel="noopener noreferrer"
  aria-label=${`${text("download")}: ${attachment.name}, ${bytes(attachment.size)}`}>
  <${FileIcon} /><${FileText} name=${attachment.name} size=${attachment.size} />
</a>`;

const FileLine = ({attachment}) => html`<a class="file-line" href=${attachment.url} target="_blank" rel="noopener noreferrer">
  <${FileText} name=${attachment.name} size=${attachment.size} />
</a>`;

/** A file's name, shortened in its middle by the page, and its size. */
export const FileText = ({name, size}) => html`<span class="file-text"><bdi class="file-name">${name}</bdi><span class="file-size">${bytes(size)}</span></span>`;
