/** Two people changed the same field: what the other one wrote, what we did, and which of the two stays. */

import {useEffect, useRef} from "preact/hooks";
import {html} from "../../html.js";
import {fill, gettext} from "../../i18n.js";
import {WarningIcon} from "../pieces.js";

/**
 * @param {{draft: import("./draft.js").Draft, titles: Record<string, string>, shown?: (name: string, value: any) => string,
 *   onSolved: () => void}} props `onSolved` is called when every field is decided
 */
export function Clashes({draft, titles, shown = (name, value) => plain(value), onSolved}) {
  const clashes = draft.clashes.value;
  const box = useRef(null);
  const some = clashes.length > 0;
  useEffect(() => {
    if (some) box.current?.focus();
  }, [some]);
  if (!some) return null;
  const choose = (name, mine) => {
    draft.choose(name, mine);
    if (!draft.clashes.peek().length) onSolved();
    else box.current?.focus();
  };
  return html`<div class="clash" role="group" tabindex="-1" ref=${box} aria-label=${gettext("Changed by somebody else meanwhile")}>
    <p class="clash-title" role="alert"><${WarningIcon} />${gettext("Somebody else changed this while you did. Which one stays?")}</p>
    ${clashes.map(({name, theirs, mine}) => html`<div class="clash-field" key=${name}>
      <p class="clash-name">${titles[name] ?? name}</p>
      <dl>
        <div><dt>${gettext("Theirs")}</dt><dd dir="auto">${shown(name, theirs) || "–"}</dd></div>
        <div><dt>${gettext("Yours")}</dt><dd dir="auto">${shown(name, mine) || "–"}</dd></div>
      </dl>
      <div class="clash-actions">
        <button type="button" class="button is-quiet is-small" aria-label=${fill(gettext("Keep theirs: %(field)s"), {field: titles[name] ?? name})} onClick=${() => choose(name, false)}>${gettext("Keep theirs")}</button>
        <button type="button" class="button is-small" aria-label=${fill(gettext("Use yours: %(field)s"), {field: titles[name] ?? name})} onClick=${() => choose(name, true)}>${gettext("Use yours")}</button>
      </div>
    </div>`)}
  </div>`;
}

function plain(value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map((each) => each?.name ?? each).join(", ");
  if (typeof value === "object") return value.nickname ?? value.name ?? JSON.stringify(value);
  return String(value);
}
