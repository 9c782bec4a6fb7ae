/** Pages of the integrators beside the conversation: framed, sandboxed, told who the visitor is and nothing else. */

import {useEffect, useState} from "preact/hooks";
import {html} from "../../html.js";
import {fill, gettext} from "../../i18n.js";
import {Blank, hostOf, WarningIcon} from "../pieces.js";
import {useLoaded} from "../kit/loaded.js";

const SANDBOX = "allow-scripts allow-forms allow-popups allow-same-origin";
const ADDRESS = /^https:\/\/[a-z0-9.-]+(:\d+)?(\/|$)/; // as the desk checks it when it is set

/** The panels that the settings name; none for a token that may not read them. */
export function usePanels(desk) {
  const settings = useLoaded(desk, "settings/panels", {"setting.changed": ({objectId}) => objectId === "panels"}, {list: false});
  const pages = settings.object.value?.values?.pages ?? [];
  return pages.filter(({title, url}) => title && ADDRESS.test(url) && hostOf(url));
}

/**
 * The uid that an integrator knows the visitor by: what the site has signed or its program has given. For anybody else
 * the desk's own id, never what a visitor's page only claims: a panel would show a stranger somebody's orders.
 */
export const uidOf = (visitor) => visitor.externalId || visitor.id;

export function addressOf(panel, visitor) {
  const url = new URL(panel.url);
  url.searchParams.set("visitorUid", uidOf(visitor));
  return url;
}

export function Frame({panel, visitor}) {
  const [blocked, setBlocked] = useState(false);
  const shown = visitor?.base.value;
  useEffect(() => {
    const hear = ({effectiveDirective, blockedURI}) => {
      if (effectiveDirective === "frame-src" && blockedURI.startsWith(new URL(panel.url).origin)) setBlocked(true);
    };
    document.addEventListener("securitypolicyviolation", hear);
    return () => document.removeEventListener("securitypolicyviolation", hear);
  }, [panel.url]);
  if (!shown) return html`<div class="slot-wait" aria-busy="true"></div>`;
  const url = addressOf(panel, shown);
  // A page of the desk itself, framed with its origin, could reach out of its sandbox.
  const sandbox = url.origin === location.origin ? SANDBOX.replace(" allow-same-origin", "") : SANDBOX;
  if (blocked) {
    return html`<${Blank} icon=${WarningIcon} alert title=${fill(gettext("%(title)s was added after this page was opened"), {title: panel.title})}
      text=${gettext("Load the page again to see it. What you have written is kept.")}>
      <button type="button" class="button is-quiet" onClick=${() => location.reload()}>${gettext("Load again")}</button>
    <//>`;
  }
  return html`<div class="framed">
    <iframe title=${panel.title} src=${url.href} sandbox=${sandbox} referrerpolicy="origin" loading="lazy"></iframe>
    <a class="framed-out" href=${url.href} target="_blank" rel="noopener noreferrer">${gettext("Open in a tab of its own")}</a>
  </div>`;
}
