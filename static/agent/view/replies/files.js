/** The files of a canned reply: they go along when it is sent, each as a copy of its own. */

import {useEffect, useMemo, useRef} from "preact/hooks";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {Uploads} from "../../store/uploads.js";
import {Attachments} from "../conversation/attachments.js";
import {ClipIcon} from "../pieces.js";

const MOST = 10; // files of one reply, as the desk has it

/** `onBusy(on)` is told whether files are on their way; those that are there are `files`, as the API shows them. */
export function Files({desk, label, files, error, disabled, onChange, onBusy}) {
  const input = useRef(null);
  const now = useRef(files);
  now.current = files;
  // Whatever is there becomes one of the reply's files at once.
  const uploads = useMemo(() => new Uploads(desk.api, ({attachment}) => onChange((now.current = [...now.current, attachment]))), []);
  const running = uploads.items.value.some(({state}) => state === "running");
  useEffect(() => onBusy(running), [running]);

  function add(event) {
    uploads.add([...event.currentTarget.files].slice(0, MOST - files.length));
    uploads.send({});
    event.currentTarget.value = "";
  }

  const kept = {
    items: {value: files.map((file) => ({key: file.id, file, part: 1, state: "ready", address: ""}))},
    remove: disabled ? null : (id) => onChange(files.filter((each) => each.id !== id)),
  };
  return html`<div class="entry is-wide reply-files" role="group" aria-label=${label}>
    <span class="entry-label">${label}</span>
    <${Attachments} uploads=${kept} /><${Attachments} uploads=${uploads} />
    ${error && html`<p class="entry-error" role="alert">${error}</p>`}
    ${!disabled && files.length < MOST && html`<button type="button" class="link" onClick=${() => input.current.click()}><${ClipIcon} />${gettext("Attach files")}</button>
      <input type="file" multiple hidden ref=${input} onChange=${add} />`}
    ${disabled && !files.length && html`<p class="part-note">${gettext("None")}</p>`}
  </div>`;
}
