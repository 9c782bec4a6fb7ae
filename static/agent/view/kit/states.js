/** What a small list or a part of a panel shows while it has nothing to show; of one height, so that nothing jumps. */

import {html} from "../../html.js";
import {gettext} from "../../i18n.js";

/** `children` are shown when there is something; `loaded` is a Loaded. */
export function Part({loaded, empty, label, rows = 2, children}) {
  const state = loaded.state.value;
  if (state === "loading") {
    return html`<div class="part-wait" role="status"><span class="unseen">${label}: ${gettext("loading")}</span>
      ${Array.from({length: rows}, (_, each) => html`<span class="bone bone-line" key=${each}></span>`)}
    </div>`;
  }
  if (state === "forbidden") return html`<p class="part-note">${gettext("Not for this access token")}</p>`;
  if (state === "failed") {
    return html`<p class="part-note" role="alert">${gettext("This could not be loaded")}
      <button type="button" class="link" onClick=${() => loaded.retry()}>${gettext("Try again")}</button>
    </p>`;
  }
  if (empty) return html`<p class="part-note">${empty}</p>`;
  return children;
}

/** The button below a list that has more. */
export function More({loaded}) {
  if (!loaded.next.value) return null;
  return html`<button type="button" class="link more" disabled=${loaded.busy.value} onClick=${() => loaded.more()}>${gettext("Show more")}</button>`;
}
