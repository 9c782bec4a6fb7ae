/** What is said at the edge of the page: short notes, and that the connection is gone. */

import {useEffect, useState} from "preact/hooks";
import {html} from "../html.js";
import {fill, gettext, ngettext} from "../i18n.js";
import {CloseIcon, CloudOffIcon} from "./pieces.js";

const PATIENCE = 2_500; // ms without a connection that are not worth a word

export function Toasts({desk}) {
  return html`<div class="toasts">
    ${desk.toasts.value.map((toast) => html`<div class=${`toast is-${toast.tone}`} key=${toast.key}>
      <p dir="auto">${toast.text}</p>
      ${toast.action && html`<button type="button" class="toast-action" onClick=${() => (toast.close(), toast.action.run())}>${toast.action.title}</button>`}
      <button type="button" class="toast-close" aria-label=${gettext("Dismiss")} onClick=${toast.close}><${CloseIcon} /></button>
    </div>`)}
  </div>`;
}

/** Lies over the page's edge rather than in its way: nothing moves when it comes and goes. */
export function Banner({desk}) {
  const lost = desk.connection.value === "connecting";
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!lost) return setLate(false);
    const timer = setTimeout(() => setLate(true), navigator.onLine ? PATIENCE : 0);
    return () => clearTimeout(timer);
  }, [lost]);
  const waiting = desk.conversations.outbox.items.value.length;
  return html`<div class="banner-place" role="status">
    ${lost && late && html`<p class="banner"><${CloudOffIcon} /><span>
      ${gettext("No connection to the desk. It comes back by itself.")}
      ${waiting > 0 && html` ${fill(ngettext("%(n)s message is kept and will be sent.", "%(n)s messages are kept and will be sent.", waiting), {n: waiting})}`}
    </span></p>`}
  </div>`;
}
