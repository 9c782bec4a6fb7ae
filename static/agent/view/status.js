/** The status switch: a radio group, so that arrow keys and screen readers know it. */

import {html} from "../html.js";
import {fill, gettext} from "../i18n.js";
import {STATUSES} from "../store/status.js";

export const statusNames = () => ({
  AVAILABLE: gettext("Available"),
  BUSY: gettext("Busy"),
  OFFLINE: gettext("Offline"),
});

/** Set the status and say so. */
export const chooseStatus = (desk, wanted) =>
  desk.status.set(wanted).then(
    () => desk.say(fill(gettext("Your status: %(status)s"), {status: statusNames()[wanted]})),
    () => {},
  );

export function StatusSwitch({desk}) {
  const status = desk.status.shown.value;
  const names = statusNames();
  const hints = {
    AVAILABLE: gettext("You receive conversations"),
    BUSY: gettext("You are at work but take no new conversation"),
    OFFLINE: gettext("You are away"),
  };
  const choose = (wanted) => chooseStatus(desk, wanted);
  return html`<div class="switch-place">
    <fieldset class="switch" aria-describedby="status-problem">
      <legend class="unseen">${gettext("Your status")}</legend>
      ${STATUSES.map(
        (each) => html`<label key=${each} class=${`choice is-${each.toLowerCase()}`} title=${hints[each]}>
          <input
            type="radio"
            name="status"
            value=${each}
            checked=${status === each}
            disabled=${!status}
            onChange=${() => choose(each)}
          />
          <span class="choice-face"><span class="dot" aria-hidden="true"></span>${names[each]}</span>
        </label>`,
      )}
    </fieldset>
    <p id="status-problem" class="switch-problem" role="alert">${desk.status.problem.value}</p>
  </div>`;
}
