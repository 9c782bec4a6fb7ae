/** A part of the panel that can be folded away; which ones are is remembered. */

import {signal} from "@preact/signals";
import {useId} from "preact/hooks";
import {forGood} from "../../keep.js";
import {html} from "../../html.js";

const folded = signal(new Set(forGood.get("folded") ?? []));

function fold(name) {
  const next = new Set(folded.peek());
  if (!next.delete(name)) next.add(name);
  folded.value = next;
  forGood.set("folded", [...next]);
}

/** `name` under which it is remembered; `fixed`: it cannot be folded; `action`: a button in its head. */
export function Section({name, title, count, fixed, action, children}) {
  const id = useId();
  const open = fixed || !folded.value.has(name);
  return html`<section class="side-section" aria-labelledby=${`${id}-title`}>
    <div class="side-head">
      <h3 id=${`${id}-title`}>
        ${fixed ? title : html`<button type="button" class="fold" aria-expanded=${String(open)} aria-controls=${id} onClick=${() => fold(name)}>
          <span class=${`fold-sign ${open ? "is-open" : ""}`} aria-hidden="true"></span>${title}
          ${count && html`<span class="total">${count}</span>`}
        </button>`}
      </h3>
      ${open && action}
    </div>
    <div id=${id} class="side-content" hidden=${!open}>${open && children}</div>
  </section>`;
}
