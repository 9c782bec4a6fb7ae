/** The whole page takes files that are dropped on it, and says so while they are above it. */

import {useEffect, useState} from "preact/hooks";
import {html} from "../html.js";
import {text} from "../i18n.js";
import {ClipIcon} from "./pieces.js";

export function Drop({chat}) {
  const [above, hover] = useState(false);

  useEffect(() => {
    let depth = 0; // each element on the way reports that it was entered and left
    const over = (change) => (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      depth = Math.max(0, depth + change);
      hover(depth > 0);
    };
    const dropped = (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      depth = 0;
      hover(false);
      chat.attach([...event.dataTransfer.files]);
    };
    const heard = {dragenter: over(1), dragover: over(0), dragleave: over(-1), drop: dropped};
    for (const [type, listener] of Object.entries(heard)) addEventListener(type, listener);
    return () => {
      for (const [type, listener] of Object.entries(heard)) removeEventListener(type, listener);
    };
  }, [chat]);

  return above && html`<div class="drop"><${ClipIcon} /><p>${text("dropHere")}</p></div>`;
}
