/** Editing a visitor: contact and custom fields, saved at once as long as nobody else changed the same. */

import {useEffect, useRef} from "preact/hooks";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {problemText} from "../../problems.js";
import {Clashes} from "../kit/clash.js";
import {TextField} from "../kit/fields.js";
import {Pairs} from "../kit/pairs.js";

export function Edit({desk, draft, onLeave}) {
  const form = useRef(null);
  const titles = {nickname: gettext("Name"), email: gettext("E-mail"), phone: gettext("Phone"), language: gettext("Language"), customFields: gettext("Custom fields")};
  const errors = draft.errors.value;

  useEffect(() => {
    form.current?.querySelector("input")?.focus();
    return () => draft.reset();
  }, []);

  async function save(event) {
    event?.preventDefault();
    const saved = await draft.save();
    if (saved) {
      desk.say(gettext("The visitor is saved."));
      return onLeave();
    }
    requestAnimationFrame(() => form.current?.querySelector('[aria-invalid="true"]')?.focus());
  }

  const field = (name, more = {}) => html`<${TextField} key=${name} label=${titles[name]} value=${draft.value(name)} error=${errors[name]} onInput=${(value) => draft.set(name, value)} ...${more} />`;
  const general = draft.problem.value && !Object.keys(errors).length;
  return html`<form class="entries" ref=${form} onSubmit=${save} novalidate aria-label=${gettext("Edit the visitor")}
    onKeyDown=${(event) => event.key === "Escape" && !event.isComposing && (event.stopPropagation(), onLeave())}>
    <${Clashes} draft=${draft} titles=${titles} shown=${shownValue} onSolved=${save} />
    ${field("nickname", {maxlength: 120})}
    ${field("email", {type: "email", inputmode: "email", maxlength: 254})}
    ${field("phone", {type: "tel", inputmode: "tel", maxlength: 40})}
    ${field("language", {maxlength: 20, hint: gettext("As a tag, such as en or zh-CN")})}
    <${Pairs} label=${titles.customFields} fields=${draft.value("customFields")} error=${errors.customFields} onChange=${(fields) => draft.set("customFields", fields)} />
    ${general && html`<p class="entry-error" role="alert">${problemText(draft.problem.value)}</p>`}
    <div class="entries-actions">
      <button type="button" class="button is-quiet is-small" onClick=${onLeave}>${gettext("Cancel")}</button>
      <button type="submit" class="button is-small" disabled=${draft.saving.value || draft.clashes.value.length > 0}>${gettext("Save")}</button>
    </div>
  </form>`;
}

function shownValue(name, value) {
  if (name !== "customFields") return value;
  return Object.entries(value ?? {}).map(([field, each]) => `${field}: ${each}`).join(", ");
}
