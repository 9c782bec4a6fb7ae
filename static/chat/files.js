/** Files that a visitor sends: whether they may be, how they go to the desk, and how large a picture is shown. */

import {Refusal} from "./api.js";

const SILENT = 60_000; // ms in which some of a file has to get through
const LARGEST = {width: 260, height: 280}; // of a picture in the log, in px
// What a pattern with a star does not mean: pages and programs (messaging/files/kinds.py judges by the bytes).
const ACTIVE = /^(text\/(html|javascript)|image\/svg\+xml|application\/(x-msdownload|x-sh|java-archive|xhtml\+xml))$/;
const JUDGED = /^(image|audio|video)\//;

/**
 * Return why a file cannot be sent, as the name of a text, or "": said before a byte of it is. Types that systems name
 * differently are left to the desk.
 * @param {File} file @param {{types: string[], bytes: number}} limits
 */
export function problemOf(file, {types, bytes}) {
  if (!file.size) return "fileEmpty";
  if (file.size > bytes) return "fileTooLarge";
  const active = ACTIVE.test(file.type);
  if (!active && !JUDGED.test(file.type)) return "";
  const taken = types.some((each) => each === file.type || (!active && each.endsWith("*") && file.type.startsWith(each.slice(0, -1))));
  return taken ? "" : "fileType";
}

/**
 * Send a file in one form, saying how far it is; fetch cannot tell that.
 * @returns {Promise<{status: number, text: string, retryAfter: number}>}
 */
export function give(address, credential, file, {onProgress, signal}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const lost = () => (clearTimeout(timer), reject(new Refusal({code: "offline"})));
    let timer = setTimeout(() => request.abort(), SILENT);
    request.upload.onprogress = ({loaded, total}) => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), SILENT);
      onProgress(total ? loaded / total : 0);
    };
    request.onload = () => {
      clearTimeout(timer);
      resolve({status: request.status, text: request.responseText, retryAfter: Number(request.getResponseHeader("Retry-After")) || 0});
    };
    request.onerror = request.onabort = lost;
    signal.addEventListener("abort", () => request.abort());
    if (signal.aborted) return lost();
    const form = new FormData();
    form.append("file", file, file.name || "file");
    request.open("POST", address);
    request.setRequestHeader("Authorization", `Bearer ${credential}`);
    request.send(form);
  });
}

/** Return the size at which a picture is shown: known before it is there, so nothing moves when it comes. */
export function fit(width, height) {
  const scale = Math.min(1, LARGEST.width / width, LARGEST.height / height);
  return {width: Math.max(24, Math.round(width * scale)), height: Math.max(24, Math.round(height * scale))};
}

/** Whether a link of the desk (`/files/{id}/{expiry}.{signature}/…`) ends within so many seconds. */
export function endsWithin(link, seconds) {
  const expiry = /^\/files\/[^/]+\/t?(\d+)\./.exec(link ?? "")?.[1];
  return expiry !== undefined && Number(expiry) * 1000 < Date.now() + seconds * 1000;
}
