/** The pages of the site that the visitor looks at, live: a whisper tells the newest one, the API all of them. */

import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {When} from "../pieces.js";
import {useLoaded} from "../kit/loaded.js";
import {More, Part} from "../kit/states.js";
import {Section} from "./section.js";

const PAGE = 5;

export function Pages({desk, visitor}) {
  const pages = useLoaded(desk, `visitors/${visitor}/pages?limit=${PAGE}`, {"whisper.page": (said) => said.visitor === visitor, "visitor.updated": ({objectId}) => objectId === visitor});
  const items = pages.items.value;
  const title = gettext("Pages seen");
  return html`<${Section} name="pages" title=${title}>
    <${Part} loaded=${pages} label=${title} empty=${!items.length && gettext("No page yet.")}>
      <ol class="trail">
        ${items.map(({id, url, title: name, at}, place) => html`<li key=${id} class=${place === 0 ? "is-now" : ""}>
          <${Address} url=${url} name=${name} />
          <${When} at=${at} now=${desk.now.value} />
        </li>`)}
      </ol>
      <${More} loaded=${pages} />
    <//>
  <//>`;
}

/** A link only where it leads to a web page: the address is the visitor's word. */
function Address({url, name}) {
  const short = shortened(url);
  const text = html`<span class="trail-title" dir="auto">${name || short}</span>${name && html`<span class="trail-url" dir="ltr">${short}</span>`}`;
  if (!/^https?:\/\//.test(url)) return html`<span class="trail-page" title=${url}>${text}</span>`;
  return html`<a class="trail-page" href=${url} title=${url} target="_blank" rel="noopener noreferrer">${text}</a>`;
}

function shortened(url) {
  try {
    const {host, pathname, search} = new URL(url);
    return host + (pathname === "/" ? "" : pathname) + search;
  } catch {
    return url;
  }
}
