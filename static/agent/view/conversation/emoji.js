/** Signs to choose from, with the mouse or the arrow keys. */

import {useLayoutEffect, useRef} from "preact/hooks";
import {SIGNS} from "../../../shared/emoji.js";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";

const COLUMNS = 8;
const STEPS = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS};

export default function Emoji({onPick, onClose}) {
  const box = useRef(null);

  useLayoutEffect(() => {
    box.current.firstElementChild.focus();
    const elsewhere = ({target}) => !target.closest(".composer") && onClose();
    addEventListener("pointerdown", elsewhere);
    return () => removeEventListener("pointerdown", elsewhere);
  }, []);

  function pressed(event) {
    if (event.key === "Escape") {
      onClose();
    } else if (event.key in STEPS) {
      const at = [...box.current.children].indexOf(document.activeElement);
      box.current.children[at + STEPS[event.key]]?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return html`<div class="emoji" role="group" aria-label=${gettext("Emoji")} ref=${box} onKeyDown=${pressed}>
    ${SIGNS.map((sign, at) => html`<button type="button" key=${sign} tabindex=${at ? -1 : 0} onClick=${() => onPick(sign)}>${sign}</button>`)}
  </div>`;
}
