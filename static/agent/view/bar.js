/** The bar: what to search for, whether the page is live, the status switch, who is signed in. */

import {html} from "../html.js";
import {gettext} from "../i18n.js";
import {framed} from "../parent.js";
import {keycaps, Shortcuts} from "../shortcuts.js";
import {Avatar, SearchIcon, SignOutIcon} from "./pieces.js";
import {StatusSwitch} from "./status.js";

export function Bar({desk}) {
  const me = desk.profile.value;
  return html`<header class="bar">
    <h1 class="unseen">Inlay</h1>
    <button type="button" class="find" aria-keyshortcuts=${Shortcuts.spoken("mod+k")} onClick=${() => desk.ask("palette")}>
      <${SearchIcon} /><span class="find-words">${gettext("Search or do…")}</span>
      <kbd class="find-key" aria-hidden="true">${keycaps("mod+k")[0].join(" ")}</kbd>
    </button>
    <${Connection} state=${desk.connection.value} />
    <${StatusSwitch} desk=${desk} />
    <div class="me">
      ${me
        ? html`<${Avatar} person=${me} status=${desk.status.shown.value} />
            <span class="me-text">
              <bdi class="me-name">${me.nickname || me.username}</bdi>
              <span class="me-role">${roleOf(me)}</span>
            </span>`
        : html`<span class="bone bone-face"></span>`}
      ${!framed && desk.session.mode === "cookie" && html`<${SignOut} desk=${desk} />`}
    </div>
  </header>`;
}

export function roleOf({roles, role}) {
  const names = {admin: gettext("Admin"), supervisor: gettext("Supervisor"), agent: gettext("Agent")};
  const first = roles?.[0] ?? role ?? "";
  return names[first] ?? first;
}

function Connection({state}) {
  const words = {
    live: gettext("Live"),
    polling: gettext("Live"),
    connecting: gettext("Connecting…"),
    refused: gettext("Updates every 30 s"),
  };
  const hints = {
    live: gettext("Changes appear by themselves."),
    polling: gettext("Changes appear by themselves (by polling: something on the way holds streams back)."),
    connecting: gettext("The connection to the desk is being made."),
    refused: gettext("This access token may not follow changes live."),
  };
  return html`<span class=${`connection is-${state}`} role="status" title=${hints[state]}>
    <span class="connection-dot" aria-hidden="true"></span><span class="connection-word">${words[state]}</span>
  </span>`;
}

function SignOut({desk}) {
  const leave = async () => {
    await desk.session.end().catch(() => {});
    location.assign("/agent/login");
  };
  return html`<button type="button" class="icon-button" onClick=${leave} aria-label=${gettext("Sign out")} title=${gettext("Sign out")}>
    <${SignOutIcon} />
  </button>`;
}
