/** Refusals of the desk, in words for agents. */

import {gettext} from "./i18n.js";

export function problemText({code, detail}) {
  switch (code) {
    case "offline":
      return gettext("No connection to the desk.");
    case "insufficient_scope":
    case "role_not_permitted":
      return gettext("You may not do this.");
    case "not_found":
      return gettext("This is not there any more.");
    case "visitor_blocked":
      return gettext("The visitor is blocked.");
    case "conflict":
      return gettext("Somebody else was faster. Please look again.");
    case "too_large":
    case "body_too_large":
    case "http_413":
      return gettext("The file is too large.");
    case "throttled":
    case "http_429":
      return gettext("That was a bit fast. Please wait a moment.");
    default:
      return detail || gettext("That did not work. Please try again.");
  }
}
