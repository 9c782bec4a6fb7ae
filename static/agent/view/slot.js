/** Shows a part of the page that is loaded when it is first needed (parts.js). */

import {useEffect, useState} from "preact/hooks";
import {html} from "../html.js";
import {gettext} from "../i18n.js";
import {PARTS} from "../parts.js";
import {Blank, WarningIcon} from "./pieces.js";

const loaded = new Map();

export const filled = (name) => name in PARTS;

/** `name` of the part; everything else goes to its component. */
export function Slot({name, ...props}) {
  const [, turn] = useState(0);
  const Part = loaded.get(name);
  const live = props.desk.connection.value === "live";
  useEffect(() => {
    // One that failed is tried again when the connection is back.
    if (loaded.get(name) || !filled(name)) return;
    load(name).then(() => turn((before) => before + 1));
  }, [name, live]);
  if (!filled(name)) return null;
  if (Part) return html`<${Part} ...${props} />`;
  if (Part === null) {
    return html`<${Blank} icon=${WarningIcon} title=${gettext("This could not be loaded")} text=${gettext("Please check your connection and try again.")} alert>
      <button type="button" class="button is-quiet" onClick=${() => location.reload()}>
        ${gettext("Try again")}
      </button>
    <//>`;
  }
  return html`<div class="slot-wait" aria-busy="true"></div>`;
}

/** Load what will soon be wanted, before the connection is lost and it is wanted then. */
export const prepare = (names) => Promise.all(names.filter((name) => filled(name) && !loaded.get(name)).map(load));

async function load(name) {
  try {
    loaded.set(name, (await PARTS[name]()).default);
  } catch (error) {
    console.debug(error);
    if (!loaded.get(name)) loaded.set(name, null);
  }
}
