/** How the page looks and calls, kept in this browser; and what the desk keeps of its user. */

import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {Dialog} from "../dialogs.js";
import {Profile} from "./profile.js";

export default function Settings({desk, done}) {
  const {prefs} = desk;
  const allowNotices = async (on) => {
    if (on && Notification.permission !== "granted" && (await Notification.requestPermission()) !== "granted") {
      return desk.toast({text: gettext("The browser does not allow notifications here."), tone: "bad"});
    }
    prefs.notifications.value = on;
  };
  return html`<${Dialog} title=${gettext("Settings")} done=${done}>
    <div class="dialog-main">
      <${Choice} pref=${prefs.theme} title=${gettext("Theme")} values=${[["auto", gettext("Automatic")], ["light", gettext("Light")], ["dark", gettext("Dark")]]} />
      <${Choice} pref=${prefs.density} title=${gettext("Density")} values=${[["comfortable", gettext("Comfortable")], ["compact", gettext("Compact")]]} />
      <${Toggle} title=${gettext("Sound")} hint=${gettext("A short sound when a message comes while you look elsewhere")} on=${prefs.sound.value} turn=${(on) => (prefs.sound.value = on)} />
      ${"Notification" in window && html`<${Toggle} title=${gettext("Desktop notifications")} hint=${gettext("When this page is not in front")} on=${prefs.notifications.value && Notification.permission === "granted"} turn=${allowNotices} />`}
      <${Toggle} title=${gettext("Letters as shortcuts")} hint=${gettext("With Alt they always work")} on=${prefs.singleKeys.value} turn=${(on) => (prefs.singleKeys.value = on)} />
      <${Profile} desk=${desk} />
    </div>
  <//>`;
}

function Choice({pref, title, values}) {
  return html`<fieldset class="setting">
    <legend class="unseen">${title}</legend>
    <span class="setting-text" aria-hidden="true">${title}</span>
    <span class="segments">${values.map(([value, name]) => html`<label key=${value}>
      <input type="radio" name=${title} checked=${pref.value === value} onChange=${() => (pref.value = value)} /><span>${name}</span>
    </label>`)}</span>
  </fieldset>`;
}

const Toggle = ({title, hint, on, turn}) => html`<label class="setting">
  <span class="setting-text">${title}<small>${hint}</small></span>
  <input type="checkbox" role="switch" class="toggle" checked=${on} onChange=${(event) => turn(event.currentTarget.checked)} />
</label>`;
