/** Calls of the public API with the page's session: JSON in and out, refusals as errors with the desk's own code. */

import {count} from "./i18n.js";
import {problemOf} from "./sse.js";

const PATIENCE = 30_000; // ms that one call may take

/** What the desk refused (`code`, `status`, `detail`, `problem`), or no answer at all (code `offline`, status 0). */
export class Refusal extends Error {
  constructor(problem, retryAfter = 0) {
    const {code, status = 0, detail = ""} = problem;
    super(detail || code);
    Object.assign(this, {code, status, detail, problem, retryAfter});
  }

  /** Whether the same call may well succeed later. */
  get passes() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export class Api {
  /** @param {object} session of the page @param {(code: string) => void} onEnded its credentials are dead */
  constructor(session, onEnded) {
    this.session = session;
    this.onEnded = onEnded;
  }

  get(path, options) {
    return this.#json(path, options);
  }

  post(path, body = {}, options) {
    return this.#json(path, {...options, method: "POST", body});
  }

  put(path, body = {}, options) {
    return this.#json(path, {...options, method: "PUT", body});
  }

  delete(path, options) {
    return this.#json(path, {...options, method: "DELETE"});
  }

  /**
   * One page of a list.
   * @returns {Promise<{items: object[], next: string, total: number, more: boolean}>} `next` is the path of the next
   *   page, or ""; `more` says that there are more than `total`
   */
  async list(path, options) {
    const response = await this.#ask(path, options);
    const total = /^(\d+)(\+?)$/.exec(response.headers.get("X-Total-Count") ?? "");
    return {
      items: await response.json(),
      next: nextOf(response.headers.get("Link")),
      total: Number(total?.[1] ?? 0),
      more: total?.[2] === "+",
    };
  }

  /**
   * Send one file as the multipart field `file`; resolves with the answer's JSON.
   * @param {{onProgress?: (part: number) => void, signal?: AbortSignal}} [options] `part` runs from 0 to 1
   */
  upload(path, file, {onProgress, signal} = {}) {
    const request = new XMLHttpRequest(); // fetch cannot tell how far an upload has got
    request.open("POST", addressOf(path));
    request.responseType = "json";
    for (const [name, value] of Object.entries(this.session.headers())) request.setRequestHeader(name, value);
    request.upload.onprogress = ({loaded, total}) => onProgress?.(total ? loaded / total : 0);
    signal?.addEventListener("abort", () => request.abort());
    const body = new FormData();
    body.append("file", file, file.name || "file");
    return new Promise((resolve, reject) => {
      request.onload = () => {
        const {status, response} = request;
        if (status === 200) return resolve(response);
        const problem = {code: `http_${status}`, ...response, status};
        if (status === 401) this.onEnded(problem.code);
        reject(new Refusal(problem, Number(request.getResponseHeader("Retry-After")) || 0));
      };
      request.onerror = () => reject(new Refusal({code: "offline"}));
      request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
      request.send(body);
    });
  }

  async #json(path, options) {
    return (await this.#ask(path, options)).json();
  }

  async #ask(path, {method = "GET", body, headers = {}, signal} = {}) {
    const sent = body === undefined ? headers : {"Content-Type": "application/json", ...headers};
    const late = AbortSignal.timeout(PATIENCE);
    let response;
    try {
      response = await this.session.fetch(addressOf(path), {
        method,
        headers: sent,
        body: body && JSON.stringify(body),
        cache: "no-store",
        signal: signal && AbortSignal.any ? AbortSignal.any([signal, late]) : signal ?? late,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      if (error.status === 401) this.onEnded(error.code);
      throw new Refusal(error.status ? {...error.problem, code: error.code, status: error.status} : {code: "offline"});
    }
    if (response.ok) return response;
    throw new Refusal(await problemOf(response), Number(response.headers.get("Retry-After")) || 0);
  }
}

/** How many there are, as people read it: "10,000+". */
export const shownTotal = ({total, more}) => (total ? count(total) + (more ? "+" : "") : "");

const addressOf = (path) => (path.startsWith("/") ? path : `/api/${path}`);

function nextOf(link) {
  const found = /<([^>]+)>;\s*rel="next"/.exec(link ?? "");
  if (!found) return "";
  const url = new URL(found[1], location.href);
  return url.pathname + url.search; // whatever name the desk has behind a proxy
}
