/** Pictures and files of messages. Their links are signed and run out; one that has is asked for anew. */

import {useEffect, useState} from "preact/hooks";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {FileIcon, ownPicture} from "../pieces.js";

const LARGEST = {width: 320, height: 260}; // of a picture in the log, in px
const SOON = 120_000; // ms before its end at which a link is renewed

export function Picture({desk, attachment, content}) {
  const [file, renew] = useFresh(desk, attachment);
  const link = file?.url || content;
  const address = ownPicture(file?.thumbnailUrl || link);
  if (!address) return html`<${File} desk=${desk} attachment=${attachment} address=${content} />`;
  const name = file?.name || gettext("Picture");
  const show = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    desk.ask("picture", {address: link, name});
  };
  return html`<a class="bubble is-picture" href=${link} target="_blank" rel="noopener" onClick=${show} aria-label=${name} ...${renewing(file, renew)}>
    <img src=${address} alt=${name} ...${sizeOf(file)} loading="lazy" decoding="async" onError=${() => renew()} />
  </a>`;
}

export function File({desk, attachment, address}) {
  const [file, renew] = useFresh(desk, attachment);
  const link = file?.url || ownPicture(address) || (elsewhere(address) ? address : undefined);
  return html`<a class="bubble is-file" href=${link} target="_blank" rel="noopener noreferrer nofollow" ...${renewing(file, renew)}>
    <${FileIcon} />
    <span class="file-text"><bdi class="file-name">${file?.name || nameOf(address) || gettext("File")}</bdi>
      ${file?.size > 0 && html`<span class="file-size">${sizeText(file.size)}</span>`}</span>
  </a>`;
}

/** Whether an address leads to another site. */
function elsewhere(address) {
  try {
    return /^https?:\/\//.test(address) && new URL(address).origin !== location.origin;
  } catch {
    return false;
  }
}

/** The attachment with links that work, and what asks for new ones (once for each that did not). */
function useFresh(desk, attachment) {
  const [file, setFile] = useState(attachment);
  useEffect(() => setFile(attachment), [attachment]);
  const renew = () => {
    if (!file?.id || file.renewed) return;
    desk.api.get(`attachments/${file.id}`).then(
      (found) => setFile(found),
      () => setFile({...file, renewed: true}),
    );
  };
  return [file, renew];
}

/** Whoever comes near a link that is about to end gets a new one before pressing it. */
const renewing = (file, renew) => {
  const look = () => endsSoon(file?.url) && renew();
  return {onPointerEnter: look, onFocus: look, onPointerDown: look};
};

/** Whether a link of the desk (`/files/{id}/{expiry}.{signature}/…`) is about to end. */
function endsSoon(link) {
  const expiry = /^\/files\/[^/]+\/t?(\d+)\./.exec(link ?? "")?.[1];
  return expiry !== undefined && Number(expiry) * 1000 < Date.now() + SOON;
}

/** The size a picture will have, so that the page need not move when it comes. */
function sizeOf(file) {
  const {width, height} = file ?? {};
  if (!width || !height) return {width: LARGEST.width, height: 200, class: "is-unknown"};
  const scale = Math.min(1, LARGEST.width / width, LARGEST.height / height);
  return {width: Math.max(48, Math.round(width * scale)), height: Math.max(32, Math.round(height * scale))};
}

export function sizeText(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function nameOf(address) {
  try {
    return address ? decodeURIComponent(new URL(address, location.href).pathname.split("/").at(-1)) : "";
  } catch {
    return "";
  }
}
