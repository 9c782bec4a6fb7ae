/** Small pieces of the page: icons and faces. */

import {html} from "../html.js";

const icon = (path) => () => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path} /></svg>`;

export const SendIcon = icon("M12 19V5.500M6 11.500l6-6 6 6");
export const SmileIcon = icon("M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.500 14.500a4.200 4.200 0 0 0 7 0M9 9.500v.2M15 9.500v.2");
export const SoundIcon = icon("M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15zM10 20.500a2.200 2.200 0 0 0 4 0");
export const SilentIcon = icon("M6 16.500V11c0-.9.200-1.800.600-2.500M8.800 6a6 6 0 0 1 9.200 5v3.500M16.500 18h-12l1.500-1.500M10 20.500a2.200 2.200 0 0 0 4 0M4 3.500l16 17");
export const EndIcon = icon("M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15 8l4 4-4 4M19 12H10");
export const CloseIcon = icon("M6 6l12 12M18 6 6 18");
export const DownIcon = icon("M12 5v13.500M6 12.500l6 6 6-6");
export const FileIcon = icon("M14 3.500H7a2 2 0 0 0-2 2v13a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8.500zM14 3.500v5h5");
export const ClipIcon = icon("M20 11.500l-8 8a5 5 0 0 1-7-7l8.500-8.500a3.300 3.300 0 0 1 4.700 4.700L9.700 17.200a1.700 1.700 0 0 1-2.400-2.400l7.200-7.200");
export const DownloadIcon = icon("M12 4v11M7 10.500l5 5 5-5M5 20h14");
export const StarIcon = icon("M12 3.500l2.600 5.400 5.900.800-4.300 4.100 1.100 5.900-5.300-2.900-5.300 2.900 1.100-5.900L3.500 9.700l5.900-.800z");

/** Somebody's picture, or their initial. Pictures of other sites are not fetched (CSP). */
export function Face({name, picture}) {
  const own = ownAddress(picture);
  return html`<span class="face" aria-hidden="true">
    ${own ? html`<img src=${own} alt="" width="40" height="40" />` : ([...(name || "").trim()][0] ?? "?").toLocaleUpperCase()}
  </span>`;
}

const FOLDERS = ["/files/", "/static/"]; // in which pictures are

/** Return the address of a file of this desk as it is, any other as "": nobody's message makes a browser call its API. */
export function ownAddress(address) {
  try {
    const {origin, pathname} = new URL(address, location.href);
    return address && origin === location.origin && FOLDERS.some((folder) => pathname.startsWith(folder)) ? address : "";
  } catch {
    return "";
  }
}
