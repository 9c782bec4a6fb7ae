/** What the desk keeps of its user: language and time zone, saved as they are chosen; and the way to the canned replies. */

import {useId, useState} from "preact/hooks";
import {html} from "../../html.js";
import {gettext, language} from "../../i18n.js";

const LANGUAGES = [["en", "English"], ["zh-hans", "简体中文"]];

export function Profile({desk}) {
  const me = desk.profile.value;
  const [changed, setChanged] = useState(false);
  const id = useId();
  if (!me) return null;

  async function save(changes) {
    try {
      desk.profile.value = await desk.api.put("user/profile", changes);
      desk.say(gettext("Saved"));
    } catch (error) {
      desk.fail(error);
    }
  }

  async function speak(tag) {
    await save({language: tag});
    setChanged(tag !== "" && tag !== language);
  }

  return html`
    <div class="setting">
      <label class="setting-text" for=${`${id}-language`}>${gettext("Language")}<small>${gettext("Of this page and of mails")}</small></label>
      <select class="setting-choice" id=${`${id}-language`} value=${me.language} onChange=${({target}) => speak(target.value)}>
        ${[["", gettext("As the browser says")], ...LANGUAGES].map(([value, name]) => html`<option key=${value} value=${value} selected=${value === (me.language ?? "")}>${name}</option>`)}
      </select>
    </div>
    ${changed && html`<div class="setting" role="status"><span class="setting-text">${gettext("The page speaks it after it is loaded again.")}</span>
      <button type="button" class="button is-quiet is-small" onClick=${() => location.reload()}>${gettext("Load again")}</button></div>`}
    <div class="setting">
      <label class="setting-text" for=${`${id}-zone`}>${gettext("Time zone")}<small>${gettext("Of figures and mails")}</small></label>
      <select class="setting-choice" id=${`${id}-zone`} value=${me.timezone} onChange=${({target}) => save({timezone: target.value})}>
        ${zones(me.timezone).map((zone) => html`<option key=${zone} value=${zone} selected=${zone === me.timezone}>${zone.replaceAll("_", " ")}</option>`)}
      </select>
    </div>
    <div class="setting">
      <span class="setting-text">${gettext("Canned replies")}<small>${gettext("Texts at hand after / while you write")}</small></span>
      <button type="button" class="button is-quiet is-small" onClick=${() => desk.ask("replies")}>${gettext("Manage…")}</button>
    </div>
  `;
}

function zones(current) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = Intl.supportedValuesOf?.("timeZone") ?? [];
  return [...new Set([current, here, "UTC", ...known].filter(Boolean))];
}
