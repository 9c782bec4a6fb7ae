/* Opens the session of a page that a login handoff led to (tokens.md section 4): by cookie where the browser keeps
   one, else by a bearer that lives in this module's memory alone. Nothing here touches storage, which throws in frames
   whose browser blocks third-party cookies. */

const SESSION = "/auth/handoff/session";
const CLAIM = "/auth/handoff/claim";
const RENEW = "/auth/handoff/renew";
const LOGOUT = "/auth/handoff/logout";

// A sandbox without allow-same-origin makes the page a stranger to its own desk: no call of it could be answered.
const SANDBOXED = {
  code: "domain_not_allowed",
  title: "Sandboxed frame",
  detail: "The frame's sandbox attribute needs allow-scripts, allow-same-origin, allow-forms and allow-popups.",
};

/** A refusal of the desk; `code` is the stable reason code, `status` the HTTP status, `problem` the whole body. */
export class SessionError extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || problem.code);
    this.name = "SessionError";
    this.status = status;
    this.code = problem.code;
    this.problem = problem;
  }
}

/** Takes the one-time code out of the address before anything else can read or keep it. */
function takeCode() {
  const code = new URLSearchParams(location.hash.slice(1)).get("hs");
  if (code) history.replaceState(history.state, "", location.pathname + location.search);
  return code;
}

// At once, when the module is loaded: an error later on must not leave the code in the address.
const landed = { code: takeCode(), handle: new URLSearchParams(location.search).get("h") };

async function problemOf(response) {
  const fallback = { code: response.status === 401 ? "session_ended" : "internal_error", title: response.statusText };
  try {
    return { ...fallback, ...(await response.json()) };
  } catch {
    return fallback;
  }
}

async function read(response) {
  if (response.ok) return response.json();
  throw new SessionError(response.status, await problemOf(response));
}

/** Whether a frame-ancestors source such as `https://*.example.com:8443` matches an origin. */
function matches(source, origin) {
  if (source === "*") return true;
  const found = /^(https?):\/\/(\*\.)?([^:]+|\[[^\]]+\])(?::(\d+|\*))?$/.exec(source);
  let url;
  try {
    url = new URL(origin);
  } catch {
    return false;
  }
  if (!found || url.origin !== origin || url.protocol !== `${found[1]}:`) return false;
  const [, , wildcard, host, port = ""] = found;
  const named = wildcard ? url.hostname.endsWith(`.${host}`) : url.hostname === host;
  return named && (port === "*" || port === url.port);
}

class Session {
  #bearer = null;

  constructor(data, bearer) {
    this.#bearer = bearer;
    this.mode = bearer ? "tab" : "cookie";
    this.#take(data);
  }

  #take(data) {
    this.user = data.user;
    this.surface = data.surface;
    this.handle = data.handle;
    this.embedder = data.embedder;
    this.parentOrigins = data.parentOrigins;
    this.expiresAt = data.expiresAt;
    this.csrfToken = data.csrfToken;
    this.token = data.token;
  }

  /** The headers that make a request this session's; `changing` adds what calls that change something need. */
  headers(changing = true) {
    if (this.#bearer) return { Authorization: `Bearer ${this.#bearer}` };
    const own = { "X-Desk-Session": this.handle || "top" };
    return changing ? { ...own, "X-CSRFToken": this.csrfToken } : own;
  }

  /** As the browser's fetch, for paths of this desk. Throws SessionError once the session is over. */
  async fetch(path, options = {}) {
    let response = await this.#send(path, options);
    if (response.status === 403 && !this.#bearer && (await response.clone().text()).includes('"csrf_failed"')) {
      // Another tab has signed in again: the cookie is newer than our CSRF token.
      await this.refresh();
      response = await this.#send(path, options);
    }
    if (response.status === 401) throw new SessionError(401, await problemOf(response));
    return response;
  }

  #send(path, options) {
    const method = (options.method || "GET").toUpperCase();
    const headers = new Headers(options.headers || {});
    for (const [name, value] of Object.entries(this.headers(method !== "GET" && method !== "HEAD"))) {
      headers.set(name, value);
    }
    return fetch(path, { credentials: "same-origin", ...options, headers });
  }

  /** Reads again who is signed in and until when. Throws SessionError once the session is over. */
  async refresh() {
    this.#take(await read(await this.#send(SESSION, {})));
    return this;
  }

  /** Goes on with a fresh token of the same user, which the parent page has fetched: nothing is reloaded.
      Throws SessionError, and the session stays as it is, where the desk refuses the token. */
  async renew(accessToken) {
    const body = JSON.stringify({ accessToken });
    const headers = { "Content-Type": "application/json" };
    this.#take(await read(await this.#send(RENEW, { method: "POST", headers, body })));
    return this;
  }

  /** Ends the session here and at the desk. */
  async end() {
    await this.#send(LOGOUT, { method: "POST" });
    this.#bearer = null;
  }

  /** Whether a page of this origin may be this session's parent: be told of events, and be obeyed. */
  allowsParent(origin) {
    return this.parentOrigins.some((source) => matches(source, origin));
  }
}

/** Opens the page's session: by cookie, else by the one-time code the page was opened with.

    Returns {fetch, headers, user, surface, handle, parentOrigins, allowsParent, embedder, expiresAt, csrfToken, token,
    mode: "cookie" | "tab", refresh, end}. Throws SessionError with `.code` when there is no session (any more). */
export async function openSession() {
  if (self.origin === "null") throw new SessionError(403, SANDBOXED);
  const { code, handle } = landed;
  landed.code = null;
  const headers = { "X-Desk-Session": handle || (window.parent === window ? "top" : "") };
  const answer = await fetch(SESSION, { credentials: "same-origin", headers, cache: "no-store" });
  if (answer.ok) return new Session(await answer.json(), null);
  if (answer.status !== 401 || !code) throw new SessionError(answer.status, await problemOf(answer));
  const claimed = await read(
    await fetch(CLAIM, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ handle, code }),
      cache: "no-store",
    }),
  );
  return new Session(claimed, claimed.bearer);
}
