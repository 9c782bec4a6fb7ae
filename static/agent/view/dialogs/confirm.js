/** Are you sure? Resolves with true. */

import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {Dialog} from "../dialogs.js";

export default function Confirm({title, text, action, done}) {
  return html`<${Dialog} title=${title} done=${done}>
    <div class="dialog-main"><p>${text}</p></div>
    <footer class="dialog-foot">
      <button type="button" class="button is-quiet" autofocus onClick=${() => done(null)}>${gettext("Cancel")}</button>
      <button type="button" class="button is-danger" onClick=${() => done(true)}>${action}</button>
    </footer>
  <//>`;
}
