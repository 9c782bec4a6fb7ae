/** The dialog that is open, if any: one at a time, in the browser's own top layer, which keeps the focus inside. */

import {useEffect, useLayoutEffect, useRef, useState} from "preact/hooks";
import {release} from "../held.js";
import {html} from "../html.js";
import {gettext} from "../i18n.js";
import {CloseIcon} from "./pieces.js";

const DIALOGS = {
  palette: () => import("./dialogs/palette.js"),
  help: () => import("./dialogs/help.js"),
  settings: () => import("./dialogs/settings.js"),
  transfer: () => import("./dialogs/people.js"),
  invite: () => import("./dialogs/people.js"),
  begin: () => import("./dialogs/begin.js"),
  rename: () => import("./dialogs/rename.js"),
  details: () => import("./dialogs/details.js"),
  ticket: () => import("./tickets/create.js"),
  replies: () => import("./replies/replies.js"),
  confirm: () => import("./dialogs/confirm.js"),
  picture: () => import("./dialogs/picture.js"),
};

export function DialogHost({desk}) {
  const open = desk.dialog.value;
  const [part, setPart] = useState(null);
  useEffect(() => {
    setPart(null);
    if (!open) return;
    let current = true;
    DIALOGS[open.name]().then(
      (module) => current && setPart({open, Dialog: module.default}),
      () => current && (desk.fail({code: "offline"}), open.done(null)),
    );
    return () => (current = false);
  }, [open]);
  if (!open || part?.open !== open) return null;
  return html`<${part.Dialog} desk=${desk} name=${open.name} ...${open.props} done=${open.done} />`;
}

/** The frame of every dialog: its title, what it holds, Escape and a click beside it leave it. */
export function Dialog({title, done, kind = "", children, bare = false}) {
  const box = useRef(null);
  useLayoutEffect(() => {
    const {current: element} = box;
    const before = document.activeElement;
    element.showModal();
    const first = element.querySelector("[autofocus]") ?? element.querySelector("input, textarea, select, button:not(.dialog-close)");
    first?.focus();
    release(first?.matches("input:not([type]), input[type=text], textarea") ? first : null);
    return () => {
      element.close();
      if (before?.isConnected) before.focus();
    };
  }, []);
  return html`<dialog class=${`dialog ${kind}`} ref=${box} aria-label=${title}
    onCancel=${(event) => (event.preventDefault(), done(null))}
    onPointerDown=${(event) => event.target === box.current && done(null)}>
    <div class="dialog-body">
      ${!bare && html`<header class="dialog-head">
        <h2>${title}</h2>
        <button type="button" class="icon-button dialog-close" aria-label=${gettext("Close")} onClick=${() => done(null)}><${CloseIcon} /></button>
      </header>`}
      ${children}
    </div>
  </dialog>`;
}
