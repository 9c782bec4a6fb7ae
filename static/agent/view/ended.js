/** The end: the session is over, or never began. It says why, and how to come back. */

import {html} from "../html.js";
import {gettext} from "../i18n.js";
import {framed} from "../parent.js";
import {LockIcon} from "./pieces.js";

export function Ended({code}) {
  const {title, text} = reasonOf(code);
  return html`<main class="ended">
    <div class="blank" role="alert">
      <span class="blank-icon"><${LockIcon} /></span>
      <h1 class="blank-title">${title}</h1>
      <p class="blank-text">${text}</p>
      <p class="blank-code"><code>${code}</code></p>
      ${code === "unavailable" && html`<button type="button" class="button" onClick=${() => location.reload()}>${gettext("Try again")}</button>`}
      ${!framed && code !== "unavailable" && html`<a class="button" href="/agent/login">${gettext("Sign in with a password")}</a>`}
    </div>
  </main>`;
}

function reasonOf(code) {
  const again = gettext("Open the workstation again from the product you work in.");
  switch (code) {
    case "token_disabled":
      return {title: gettext("Your access was switched off"), text: gettext("An administrator can switch the access token on again.")};
    case "token_revoked":
    case "token_invalid":
      return {title: gettext("Your access was withdrawn"), text: gettext("An administrator can give you a new access token.")};
    case "token_expired":
    case "token_rotated":
    case "token_used":
      return {title: gettext("Your access has run out"), text: again};
    case "user_inactive":
      return {title: gettext("Your account is not active"), text: gettext("An administrator can make it active again.")};
    case "ip_not_allowed":
    case "domain_not_allowed":
      return {title: gettext("Not from here"), text: gettext("The access token does not allow this place. Its issuer can add it.")};
    case "unavailable":
    case "internal_error":
      return {title: gettext("The desk cannot be reached"), text: gettext("Please check your connection and try again.")};
    default:
      return {title: gettext("Your session has ended"), text: again};
  }
}
