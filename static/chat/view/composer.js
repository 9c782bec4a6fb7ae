/** Where the visitor writes. Enter sends, Shift+Enter breaks the line. */

import {useLayoutEffect, useRef, useState} from "preact/hooks";
import {html} from "../html.js";
import {bytes, count, text} from "../i18n.js";
import {Emoji} from "./emoji.js";
import {ClipIcon, SendIcon, SmileIcon} from "./pieces.js";

const LONGEST = 20_000; // characters, as the desk counts them
const TOUCH = matchMedia("(pointer: coarse)");

export function Composer({chat}) {
  const field = useRef(null);
  const chooser = useRef(null);
  const [written, write] = useState("");
  const [picks, pick] = useState(false);
  const length = written.length > LONGEST / 2 ? [...written].length : written.length;
  const ready = written.trim() !== "" && length <= LONGEST;

  useLayoutEffect(() => {
    field.current.style.height = "auto";
    field.current.style.height = `${Math.min(field.current.scrollHeight, 140)}px`;
  }, [written]);

  function send(event) {
    event.preventDefault();
    if (!ready) return;
    chat.say(written.trim());
    write("");
    pick(false);
    field.current.focus();
  }

  function typed(event) {
    // Enter chooses a candidate in an input method (Chinese), and breaks the line where there is no Shift key.
    const sends = event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229 && !TOUCH.matches;
    if (sends) send(event);
  }

  function chosen({currentTarget}) {
    chat.attach([...currentTarget.files]);
    currentTarget.value = ""; // the same file may be chosen again
    field.current.focus();
  }

  function pasted(event) {
    const {files, types} = event.clipboardData;
    // Office programs put a picture of a text beside it: the text is meant.
    if (!files.length || types.includes("text/html") && types.includes("text/plain")) return;
    event.preventDefault();
    chat.attach([...files]);
  }

  function insert(sign) {
    const {selectionStart, selectionEnd} = field.current;
    write(written.slice(0, selectionStart) + sign + written.slice(selectionEnd));
    const place = selectionStart + sign.length;
    requestAnimationFrame(() => field.current?.setSelectionRange(place, place));
  }

  function closePicker() {
    pick(false);
    field.current.focus();
  }

  const attach = text("attach", {size: bytes(chat.desk.value.files.bytes)});
  return html`<form class="composer" onSubmit=${send}>
    ${picks && html`<${Emoji} onPick=${insert} onClose=${closePicker} />`}
    ${length > LONGEST && html`<p class="limit" role="alert">${text("tooLong", {count: count(LONGEST)})} (${count(length)})</p>`}
    <input class="chooser" type="file" multiple hidden ref=${chooser} onChange=${chosen} aria-label=${attach} />
    <div class="composer-box">
      <button type="button" class="icon-button" aria-label=${attach} title=${attach} onClick=${() => chooser.current.click()}><${ClipIcon} /></button>
      <button type="button" class="icon-button" aria-label=${text("emoji")} title=${text("emoji")} aria-expanded=${picks}
        onClick=${() => pick(!picks)}><${SmileIcon} /></button>
      <textarea class="write" ref=${field} rows="1" dir="auto" value=${written} placeholder=${text("write")} aria-label=${text("write")}
        aria-invalid=${length > LONGEST} onInput=${(event) => (write(event.currentTarget.value), chat.types(event.currentTarget.value))} onKeyDown=${typed} onPaste=${pasted}
        autocomplete="off"></textarea>
      <button type="submit" class="send" aria-label=${text("send")} title=${text("send")} aria-disabled=${!ready}><${SendIcon} /></button>
    </div>
  </form>`;
}
