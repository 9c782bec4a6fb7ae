/** A button that opens a menu: arrow keys, first letters, Escape, as menus are everywhere. */

import {useLayoutEffect, useRef, useState} from "preact/hooks";
import {html} from "../html.js";
import {keycaps} from "../shortcuts.js";

/** `items`: `{title, key, icon, danger, run}` */
export function Menu({label, icon: Icon, items}) {
  const [open, setOpen] = useState(false);
  const box = useRef(null);
  const button = useRef(null);

  useLayoutEffect(() => {
    if (!open) return;
    visible(box.current)[0]?.focus();
    const elsewhere = ({target}) => !box.current?.contains(target) && !button.current?.contains(target) && setOpen(false);
    addEventListener("pointerdown", elsewhere);
    return () => removeEventListener("pointerdown", elsewhere);
  }, [open]);

  if (!items.length) return null;

  function close() {
    setOpen(false);
    button.current.focus();
  }

  function pressed(event) {
    const rows = visible(box.current);
    const at = rows.indexOf(document.activeElement);
    const to = {ArrowDown: (at + 1) % rows.length, ArrowUp: (at - 1 + rows.length) % rows.length, Home: 0, End: rows.length - 1}[event.key];
    if (to !== undefined) rows[to].focus();
    else if (event.key === "Escape") close();
    else if (event.key === "Tab") return setOpen(false);
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " ") {
      [...rows.slice(at + 1), ...rows.slice(0, at + 1)].find((row) => row.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return html`<div class="menu-place">
    <button type="button" class="icon-button" ref=${button} aria-haspopup="menu" aria-expanded=${String(open)} aria-label=${label} title=${label}
      onClick=${() => setOpen(!open)} onKeyDown=${(event) => event.key === "ArrowDown" && !open && (event.preventDefault(), setOpen(true))}><${Icon} /></button>
    ${open && html`<div class="menu" role="menu" aria-label=${label} ref=${box} onKeyDown=${pressed}>
      ${items.map(({title, key, icon: Sign, danger, onlyNarrow, run}) => html`<button type="button" role="menuitem" key=${title} tabindex="-1"
        class=${`menu-item ${danger ? "is-danger" : ""} ${onlyNarrow ? "is-narrow" : ""}`} onClick=${() => (close(), run())}>
        ${Sign && html`<${Sign} />`}<span>${title}</span>${key && html`<kbd aria-hidden="true">${keycaps(key)[0].join(" ")}</kbd>`}
      </button>`)}
    </div>`}
  </div>`;
}

const visible = (box) => [...(box?.children ?? [])].filter((each) => each.offsetParent);
