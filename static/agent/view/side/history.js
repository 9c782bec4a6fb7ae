/** Earlier conversations of this visitor; a click opens one. */

import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {SmallFace, When} from "../pieces.js";
import {useLoaded} from "../kit/loaded.js";
import {More, Part} from "../kit/states.js";
import {Section} from "./section.js";

export function History({desk, thread, visitor}) {
  const concerns = ({data}) => data?.thread?.user?.id === visitor;
  const found = useLoaded(desk, `threads/list?visitor=${visitor}&limit=6&ordering=-createdAt`, {"thread.created": concerns, "thread.closed": concerns, "thread.reopened": concerns, "thread.accepted": concerns});
  const others = found.items.value.filter(({id}) => id !== thread.id);
  const title = gettext("Other conversations");
  return html`<${Section} name="history" title=${title}>
    <${Part} loaded=${found} label=${title} empty=${!others.length && !found.next.value && gettext("This is the first one.")}>
      <ul class="mini">
        ${others.map((each) => html`<li key=${each.id}>
          <button type="button" class="mini-row" onClick=${() => desk.select({thread: each.id})}>
            <span class="mini-text" dir="auto">${each.content || each.topic || gettext("No message yet")}</span>
            <span class="mini-more">
              <${When} at=${each.lastMessageAt ?? each.createdAt} now=${desk.now.value} />
              ${each.state !== "closed" && html`<span class=${`pill is-${each.state}`}>${each.state === "queued" ? gettext("Waiting") : gettext("Open")}</span>`}
              ${each.agent?.id && html`<${SmallFace} person=${each.agent} />`}
            </span>
          </button>
        </li>`)}
      </ul>
      <${More} loaded=${found} />
    <//>
  <//>`;
}
