/**
 * A list of rows of one height, of which only those in sight are in the page. The list itself holds the focus and says
 * which row is meant (aria-activedescendant), so nothing that arrives, leaves or moves can take the focus away; and a
 * reader who has scrolled down keeps the rows before the eyes while others come above.
 */

import {useEffect, useLayoutEffect, useRef, useState} from "preact/hooks";
import {html} from "../html.js";

const AROUND = 8; // rows beyond the edges
const AHEAD = 20; // rows before the end at which the next page is asked for

/**
 * @param {object} props
 * @param {string[]} props.ids @param {number} props.height of a row @param {string} props.label
 * @param {(id: string) => object} props.children a function from an id to what its row holds
 * @param {string|null} props.selected the row that is open @param {(id: string) => void} props.onSelect
 * @param {() => void} [props.onEnd] the end comes near @param {boolean} [props.more] there is more to load
 * @param {string} props.prefix of the rows' element ids
 */
export function VirtualList({ids, height, label, selected, onSelect, onEnd, more, prefix, children}) {
  const box = useRef(null);
  const [first, setFirst] = useState(0);
  const [room, setRoom] = useState(20);
  const [meant, setMeant] = useState(null);
  const place = useRef({id: null, offset: 0, height});

  const at = meant ? ids.indexOf(meant) : -1;
  const from = Math.max(0, Math.min(first, ids.length) - AROUND);
  const shown = ids.slice(from, first + room + AROUND);
  // The row that is meant stays in the page, wherever it is scrolled to: it must be there to be named.
  if (at >= 0 && !shown.includes(meant)) shown.push(meant);

  useLayoutEffect(() => {
    const {current: element} = box;
    const measure = () => setRoom(Math.ceil(element.clientHeight / height) + 1);
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [height]);

  useLayoutEffect(() => {
    const {current: element} = box;
    const {id, offset, height: before} = place.current;
    const index = id ? ids.indexOf(id) : -1;
    if (index >= 0) element.scrollTop = index * height + offset * (height / before);
    place.current.height = height;
    look();
  }, [ids, height]);

  useEffect(() => {
    if (more && first + room + AHEAD >= ids.length) onEnd?.();
  }, [first, room, ids, more]);

  function look() {
    const {scrollTop} = box.current;
    const index = Math.floor(scrollTop / height);
    // At the top one wants to see what comes; further down, what one reads stays where it is.
    place.current = {id: scrollTop > 4 ? ids[index] ?? null : null, offset: scrollTop - index * height, height};
    setFirst(index);
  }

  function mean(index) {
    const to = Math.max(0, Math.min(ids.length - 1, index));
    if (!ids.length) return;
    setMeant(ids[to]);
    const {current: element} = box;
    if (to * height < element.scrollTop) element.scrollTop = to * height;
    else if ((to + 1) * height > element.scrollTop + element.clientHeight) element.scrollTop = (to + 1) * height - element.clientHeight;
  }

  function pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const now = at >= 0 ? at : Math.max(0, ids.indexOf(selected)) - (selected && ids.includes(selected) ? 0 : 1);
    const page = Math.max(1, room - 2);
    const to = {ArrowDown: now + 1, ArrowUp: now - 1, PageDown: now + page, PageUp: now - page, Home: 0, End: ids.length - 1}[event.key];
    if (to !== undefined) {
      event.preventDefault();
      mean(to);
    } else if ((event.key === "Enter" || event.key === " ") && at >= 0) {
      event.preventDefault();
      onSelect(meant);
    }
  }

  return html`<div class="virtual" ref=${box} role="listbox" tabindex="0" aria-label=${label} onScroll=${look} onKeyDown=${pressed}
    aria-activedescendant=${at >= 0 ? `${prefix}-${meant}` : undefined}
    onFocus=${() => meant === null && ids.length && setMeant(ids.includes(selected) ? selected : ids[0])}>
    <div class="virtual-inner" style=${{height: `${ids.length * height + (more ? height : 0)}px`}}>
      ${shown.map((id) => {
        const index = id === meant ? at : ids.indexOf(id, from);
        return html`<div key=${id} id=${`${prefix}-${id}`} role="option" class=${`virtual-row ${id === meant ? "is-meant" : ""}`}
          aria-selected=${String(id === selected)} aria-posinset=${index + 1} aria-setsize=${more ? -1 : ids.length}
          style=${{height: `${height}px`, transform: `translateY(${index * height}px)`}}
          onClick=${() => (setMeant(id), onSelect(id))}>${children(id)}</div>`;
      })}
    </div>
  </div>`;
}
