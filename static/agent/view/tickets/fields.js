/** The fields of a ticket, each saved as soon as it is changed; two who change the same one are asked. */

import {html} from "../../html.js";
import {exactly, fill, gettext} from "../../i18n.js";
import {Clashes} from "../kit/clash.js";
import {assigneeOptions, teamOptions} from "../kit/directory.js";
import {SelectField, TagsField, TextField} from "../kit/fields.js";
import {Pairs} from "../kit/pairs.js";
import {Avatar, When} from "../pieces.js";
import {fieldNames, priorityNames, priorityOptions, statusNames, statusOptions} from "./words.js";

/** Change one field and save it. What stands in the way is shown at the field, and said. */
export async function saveField(desk, draft, name, value) {
  draft.set(name, value);
  return save(desk, draft);
}

export async function save(desk, draft) {
  if (!draft.dirty) return;
  const saved = await draft.save();
  if (saved) desk.say(gettext("Saved"));
  else if (!draft.clashes.peek().length && !Object.keys(draft.errors.peek()).length && draft.problem.peek()) {
    desk.fail(draft.problem.peek());
    draft.reset(); // the field shows again what the desk has
  }
}

export function Fields({desk, draft}) {
  const ticket = draft.base.value;
  const names = fieldNames();
  const errors = draft.errors.value;
  const may = desk.may("tickets:write");
  const id = (name) => draft.value(name)?.id ?? draft.value(name) ?? "";
  const change = (name, read = (value) => value) => (value) => saveField(desk, draft, name, read(value));
  const later = (name, read = (value) => value) => ({onInput: (value) => draft.set(name, read(value)), onBlur: () => save(desk, draft)});
  const orNull = (value) => value || null;
  const common = (name) => ({label: names[name], error: errors[name], disabled: !may, "data-field": name});
  return html`<div class="entries ticket-entries">
    <${Clashes} draft=${draft} titles=${names} shown=${(name, value) => shownValue(desk, name, value)} onSolved=${() => save(desk, draft)} />
    <${SelectField} ...${common("status")} value=${draft.value("status")} options=${statusOptions()} onChange=${change("status")} />
    <${SelectField} ...${common("priority")} value=${draft.value("priority")} options=${priorityOptions()} onChange=${change("priority")} />
    <${SelectField} ...${common("assignee")} value=${id("assignee")} options=${assigneeOptions(desk, ticket.assignee)} onChange=${change("assignee", orNull)} />
    <${SelectField} ...${common("team")} value=${id("team")} options=${teamOptions(desk, ticket.team)} onChange=${change("team", orNull)} />
    <${TagsField} label=${names.tags} error=${errors.tags} disabled=${!may} field="tags" tags=${draft.value("tags") ?? []} onChange=${change("tags")} />
    <${TextField} ...${common("dueAt")} type="datetime-local" value=${localOf(draft.value("dueAt"))} ...${later("dueAt", momentOf)} />
    <${TextField} ...${common("type")} maxlength="40" value=${draft.value("type")} ...${later("type")} />
    <${Requester} desk=${desk} ticket=${ticket} />
    <${Pairs} label=${names.customFields} fields=${draft.value("customFields")} error=${errors.customFields} onChange=${(fields) => draft.set("customFields", fields)} onBlur=${() => save(desk, draft)} />
    <dl class="facts ticket-times">
      ${[[gettext("Created"), ticket.createdAt], [gettext("First answered"), ticket.firstResponseAt], [gettext("Resolved"), ticket.resolvedAt], [gettext("Closed"), ticket.closedAt]]
        .filter(([, at]) => at).map(([name, at]) => html`<div key=${name}><dt>${name}</dt><dd><${When} at=${at} now=${desk.now.value} /></dd></div>`)}
    </dl>
    <p class="saved" role="status">${draft.saving.value ? gettext("Saving…") : ""}</p>
  </div>`;
}

function Requester({desk, ticket}) {
  const {requester, originThread} = ticket;
  if (!requester) return null;
  return html`<div class="entry is-wide">
    <span class="entry-label">${gettext("Requester")}</span>
    <div class="who">
      <${Avatar} person=${requester} />
      <div class="who-text">
        <bdi class="who-name">${requester.nickname || requester.email}</bdi>
        ${requester.email && html`<a class="who-more" href=${`mailto:${requester.email}`} target="_blank" rel="noopener">${requester.email}</a>`}
      </div>
    </div>
    ${originThread && html`<button type="button" class="link" onClick=${() => desk.select({thread: originThread})}>${gettext("Open the conversation it came from")}</button>`}
  </div>`;
}

/** A moment as the field for dates and times writes it, in the reader's own time; and back. */
export function localOf(moment) {
  if (!moment) return "";
  const at = new Date(moment);
  const local = new Date(at - at.getTimezoneOffset() * 60_000);
  return Number.isNaN(at.getTime()) ? "" : local.toISOString().slice(0, 16);
}

export function momentOf(text) {
  const at = new Date(text);
  return text && !Number.isNaN(at.getTime()) ? at.toISOString().replace(/\.\d+Z$/, "Z") : null;
}

/** A field's value in words. */
export function shownValue(desk, name, value) {
  if (value === null || value === undefined || value === "") return "";
  if (name === "status") return statusNames()[value] ?? value;
  if (name === "priority") return priorityNames()[value] ?? value;
  if (name === "dueAt") return exactly(new Date(value));
  if (Array.isArray(value)) return value.join(", ");
  if (name === "assignee" || name === "team" || name === "requester") return nameOf(desk, name, value);
  if (typeof value === "object") return Object.entries(value).map(([field, each]) => fill("%(field)s: %(value)s", {field, value: each})).join(", ");
  return String(value);
}

function nameOf(desk, name, value) {
  if (typeof value === "object") return value.nickname || value.name || value.username || value.email || "";
  const options = name === "team" ? teamOptions(desk) : assigneeOptions(desk);
  return options.find(([id]) => id === value)?.[1] ?? value;
}
