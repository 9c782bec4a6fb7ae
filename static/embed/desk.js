/**
 * The desk in your page (docs/embedding.md), by one tag and one call; types are in desk.d.ts beside it.
 *   <script src="https://desk.example.com/static/embed/desk.js"></script>
 *   const desk = InlayDesk.open({container: "#desk", token: () => fetch("/my/desk-token").then((r) => r.text())});
 * It creates the frame, keeps the token out of every address, speaks to the desk's exact origin only, and goes on with
 * a fresh token before the session ends. One global: window.InlayDesk.
 */
(() => {
  "use strict";
  const home = document.currentScript?.src ? new URL(document.currentScript.src).origin : "";
  const SOURCE = "bytedesk-desktop";
  const ANSWER = 15_000; // ms a command waits for its answer
  const READY = 45_000; // ms the desk may take to stand
  const AGAIN = 30_000; // ms between two openings that follow an ended session
  const RENEWABLE = new Set(["session_ended", "token_expired", "token_rotated", "token_used"]);
  const PASSED_ON = ["view", "theme", "lang", "chrome"];
  let number = 0;

  /** What went wrong; `code` is the desk's stable reason code (docs/errors.md), or `timeout`, `closed`. */
  class DeskError extends Error {
    constructor(code, message) {
      super(message || code);
      this.name = "DeskError";
      this.code = code;
    }
  }

  class Desk {
    #given;
    #origin;
    #listeners = new Map();
    #pending = new Map();
    #settle;
    #opened = 0;
    #hear = (event) => this.#heard(event);
    #refused = (event) => this.#withoutForm(event);

    constructor(given) {
      const container = typeof given.container === "string" ? document.querySelector(given.container) : given.container;
      if (!container) throw new DeskError("container", "InlayDesk.open needs a container that is in the page.");
      this.#given = given;
      this.#origin = new URL(given.desk || home).origin;
      const frame = document.createElement("iframe");
      frame.name = `inlay-desk-${++number}`;
      frame.title = given.title || "Customer service";
      frame.allow = "clipboard-write; autoplay";
      Object.assign(frame.style, {display: "block", width: "100%", border: "0", height: cssHeight(given.height)});
      this.frame = frame;
      container.append(frame);
      addEventListener("message", this.#hear);
      document.addEventListener("securitypolicyviolation", this.#refused);
      this.#open();
    }

    /** Call `listener(data, type)` at each event of a type, or of every type for "*". Returns what ends that. */
    on(type, listener) {
      if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
      this.#listeners.get(type).add(listener);
      return () => this.#listeners.get(type).delete(listener);
    }

    /** Give the desk a command; resolves once it is done, rejects with a DeskError. */
    async command(type, data) {
      await this.ready;
      if (!this.frame.contentWindow) throw new DeskError("closed");
      const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => this.#answer({id, error: "timeout"}), ANSWER);
        this.#pending.set(id, {resolve, reject, timer});
        this.frame.contentWindow.postMessage({type, data, id}, this.#origin);
      });
    }

    setStatus(status) {
      return this.command("update_agent_status", {status});
    }

    refreshThreads() {
      return this.command("refresh_threads");
    }

    clearUnread(threadUid) {
      return this.command("clear_unread_count", {threadUid});
    }

    openThread(threadUid) {
      return this.command("open_thread", {threadUid});
    }

    show(what) {
      return this.command("show", what);
    }

    setTheme(theme) {
      return this.command("configure", {theme});
    }

    /** Fetch a fresh token and go on with it; nothing is reloaded. */
    async renew() {
      return this.command("renew_session", {accessToken: await this.#token()});
    }

    /** Take the desk out of the page. */
    destroy() {
      removeEventListener("message", this.#hear);
      document.removeEventListener("securitypolicyviolation", this.#refused);
      clearTimeout(this.waiting);
      this.#settle.reject(new DeskError("closed"));
      for (const id of [...this.#pending.keys()]) this.#answer({id, error: "closed"});
      this.frame.remove();
    }

    async #token() {
      const {token, accessToken} = this.#given;
      const found = typeof token === "function" ? await token() : token ?? accessToken;
      if (typeof found !== "string" || !found.trim()) throw new DeskError("token_missing", "The token is no text.");
      return found.trim();
    }

    /** Open the desk in the frame, with a token of now. */
    async #open() {
      this.#opened = Date.now();
      this.ready = new Promise((resolve, reject) => (this.#settle = {resolve, reject}));
      this.ready.catch(() => {}); // who does not wait for it hears the event
      this.waiting = setTimeout(() => this.#fail("timeout", "The desk did not answer: docs/embedding.md says why."), READY);
      try {
        this.#post(await this.#token());
      } catch (error) {
        this.#fail(error.code || "token_missing", error.message);
      }
    }

    /** By POST, so that the token stands in no address, history or log. */
    #post(accessToken) {
      const form = document.createElement("form");
      const {surface = "agent"} = this.#given;
      Object.assign(form, {method: "POST", target: this.frame.name, hidden: true});
      form.action = `${this.#origin}/${surface}/auth/login`;
      const fields = {accessToken, ...Object.fromEntries(PASSED_ON.map((name) => [name, this.#given[name]]))};
      for (const [name, value] of Object.entries(fields)) {
        if (value == null) continue;
        form.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}));
      }
      this.form = form;
      document.body.append(form);
      form.submit();
      form.remove();
    }

    /** The page's own policy forbids the form. The address would do, but who wants the token there has to say so. */
    #withoutForm({effectiveDirective, blockedURI}) {
      if (effectiveDirective !== "form-action" || !this.form || originOf(blockedURI) !== this.#origin) return;
      const {form} = this;
      this.form = null;
      if (!this.#given.allowAddress) return this.#fail("form_action_blocked", `Add ${this.#origin} to the policy's form-action.`);
      this.frame.src = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    }

    #heard({source, origin, data}) {
      if (source !== this.frame.contentWindow || origin !== this.#origin || data?.source !== SOURCE) return;
      const about = data.data ?? {};
      if (data.type === "ack") return this.#answer(about);
      if (data.type === "ready") this.#stands(about);
      else if (data.type === "resize") this.frame.style.height = `${Math.ceil(about.height)}px`;
      else if (data.type === "embed_error") this.#fail(about.code, about.detail);
      else if (data.type === "session_expiring") this.renew().catch((error) => this.#tell("error", error));
      else if (data.type === "session_ended") this.#ended(about);
      if (data.type !== "embed_error") this.#tell(data.type, about);
    }

    #stands(about) {
      clearTimeout(this.waiting);
      this.form = null;
      this.#settle.resolve(about);
      if (this.#given.height === "auto") this.command("configure", {autoHeight: true}).catch(() => {});
    }

    /** Sign in again where a fresh token helps, but not over and over. */
    #ended({code}) {
      const fresh = typeof this.#given.token === "function" && RENEWABLE.has(code);
      if (fresh && Date.now() - this.#opened > AGAIN) this.#open();
    }

    #fail(code, message) {
      clearTimeout(this.waiting);
      const error = new DeskError(code, message);
      this.#settle.reject(error);
      this.#tell("embed_error", {code, detail: message});
    }

    #answer({id, ok, error}) {
      const waiting = this.#pending.get(id);
      if (!waiting) return;
      this.#pending.delete(id);
      clearTimeout(waiting.timer);
      if (ok) waiting.resolve();
      else waiting.reject(new DeskError(error || "failed"));
    }

    #tell(type, data) {
      for (const listener of [...(this.#listeners.get(type) ?? []), ...(this.#listeners.get("*") ?? [])]) {
        try {
          listener(data, type);
        } catch (error) {
          console.error(error);
        }
      }
    }
  }

  const originOf = (address) => {
    try {
      return new URL(address).origin;
    } catch {
      return "";
    }
  };
  const cssHeight = (height = "600px") => (height === "auto" ? "320px" : typeof height === "number" ? `${height}px` : height);

  window.InlayDesk = {open: (given) => new Desk(given), DeskError};
})();
