/** Forty signs to choose from, with the mouse or the arrow keys. */

import {useLayoutEffect, useRef} from "preact/hooks";
import {SIGNS} from "/static/shared/emoji.js";
import {html} from "../html.js";
import {text} from "../i18n.js";

const COLUMNS = 8;
const STEPS = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS};

export function Emoji({onPick, onClose}) {
  const box = useRef(null);

  useLayoutEffect(() => {
    box.current.firstElementChild.focus();
    const elsewhere = ({target}) => !target.closest(".composer") && onClose();
    addEventListener("pointerdown", elsewhere);
    return () => removeEventListener("pointerdown", elsewhere);
  }, []);

  function typed(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      onClose();
    } else if (event.key in STEPS) {
      event.preventDefault();
      const at = [...box.current.children].indexOf(document.activeElement);
      const next = box.current.children[at + STEPS[event.key]];
      next?.focus();
    }
  }

  return html`<div class="emoji" role="group" aria-label=${text("emoji")} ref=${box} onKeyDown=${typed}>
    ${SIGNS.map((sign, at) => html`<button type="button" key=${sign} tabindex=${at ? -1 : 0} onClick=${() => onPick(sign)}>${sign}</button>`)}
  </div>`;
}
