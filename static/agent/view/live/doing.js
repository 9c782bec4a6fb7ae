/** What a supervisor does about a conversation: look, take it, give it to somebody. */

import {useState} from "preact/hooks";
import {perform, threadActions} from "../../actions.js";
import {html} from "../../html.js";
import {fill, gettext} from "../../i18n.js";

export function Doing({desk, thread, name}) {
  const [busy, setBusy] = useState(false);
  const me = desk.profile.value?.id;
  const actions = threadActions(desk);
  const take = actions.find(({name: each, when}) => ["accept", "takeover"].includes(each) && when(thread, me));
  const give = actions.find(({name: each}) => each === "transfer");
  const run = async (action) => {
    setBusy(true);
    await perform(desk, action, thread);
    setBusy(false);
  };
  return html`<span class="doing">
    <button type="button" class="link" aria-label=${fill(gettext("Open the conversation with %(name)s"), {name})} onClick=${() => desk.select({thread: thread.id})}>${gettext("Look")}</button>
    ${desk.may("messages:write") && html`
      ${take && html`<button type="button" class="link" disabled=${busy} aria-label=${fill(gettext("Take over the conversation with %(name)s"), {name})} onClick=${() => run(take)}>${gettext("Take")}</button>`}
      ${give && html`<button type="button" class="link" disabled=${busy} aria-label=${fill(gettext("Assign the conversation with %(name)s"), {name})} onClick=${() => run(give)}>${gettext("Assign…")}</button>`}`}
  </span>`;
}
