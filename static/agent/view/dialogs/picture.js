/** A picture as large as the page allows. */

import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {Dialog} from "../dialogs.js";

export default function Picture({address, name, done}) {
  return html`<${Dialog} title=${name} done=${done} kind="is-picture" bare>
    <img class="picture" src=${address} alt=${name} />
    <div class="picture-bar">
      <a class="button is-quiet" href=${address} target="_blank" rel="noopener" download=${name}>${gettext("Download")}</a>
      <button type="button" class="button" autofocus onClick=${() => done(null)}>${gettext("Close")}</button>
    </div>
  <//>`;
}
