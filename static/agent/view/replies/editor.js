/** One canned reply: its shortcut, its text with variables, and whose it is. */

import {useEffect, useMemo, useRef, useState} from "preact/hooks";
import {html} from "../../html.js";
import {fill, gettext} from "../../i18n.js";
import {problemText} from "../../problems.js";
import {Clashes} from "../kit/clash.js";
import {teamOptions} from "../kit/directory.js";
import {Files} from "./files.js";
import {Draft} from "../kit/draft.js";
import {SelectField, TextArea, TextField} from "../kit/fields.js";

const EMPTY = {shortcut: "", title: "", content: "", scope: "personal", team: null, attachments: []};

export function Editor({desk, reply, onLeave}) {
  const draft = useMemo(() => new Draft(desk, reply ? `replies/${reply.id}` : "replies/create"), []);
  const [sure, setSure] = useState(false); // asked whether it is to be deleted
  const [busy, setBusy] = useState(false);
  const [loading, setLoading] = useState(false); // files are on their way
  const form = useRef(null);
  const errors = draft.errors.value;
  const titles = {shortcut: gettext("Shortcut"), title: gettext("Title"), content: gettext("Text"), scope: gettext("Whose"), team: gettext("Team"), attachments: gettext("Files")};

  useEffect(() => {
    if (reply) return void draft.load();
    draft.base.value = EMPTY;
    requestAnimationFrame(() => form.current?.querySelector("input")?.focus());
  }, []);

  if (!draft.base.value) {
    return draft.problem.value
      ? html`<p class="part-note" role="alert">${problemText(draft.problem.value)}</p>`
      : html`<div class="slot-wait" aria-busy="true"></div>`;
  }

  /** Say at the fields what is wrong with them. */
  function wrong(error) {
    if (error.code === "already_exists") draft.errors.value = {shortcut: gettext("This shortcut is taken.")};
    else draft.errors.value = Object.fromEntries((error.problem?.errors ?? []).map(({field, detail}) => [field, detail]));
    requestAnimationFrame(() => form.current?.querySelector('[aria-invalid="true"]')?.focus());
  }

  async function save(event) {
    event?.preventDefault();
    setBusy(true);
    const saved = await (reply ? draft.save() : create());
    setBusy(false);
    if (saved) {
      desk.say(fill(gettext("/%(shortcut)s is saved."), {shortcut: saved.shortcut}));
      onLeave();
    } else if (draft.problem.peek()) wrong(draft.problem.peek());
  }

  async function create() {
    draft.problem.value = null;
    try {
      return await desk.api.post("replies/create", {...EMPTY, ...draft.changes.peek()});
    } catch (error) {
      draft.problem.value = error;
      return null;
    }
  }

  async function remove() {
    setBusy(true);
    try {
      await desk.api.delete(`replies/${reply.id}`, {headers: draft.etag ? {"If-Match": draft.etag} : {}});
      desk.say(fill(gettext("/%(shortcut)s is deleted."), {shortcut: reply.shortcut}));
      onLeave();
    } catch (error) {
      setBusy(false);
      setSure(false);
      if (error.code === "conflict") draft.load();
      desk.fail(error);
    }
  }

  function insert(name) {
    const field = form.current.querySelector("textarea");
    const text = draft.value("content") ?? "";
    const {selectionStart: from, selectionEnd: to} = field;
    const word = `{{${name}}}`;
    draft.set("content", text.slice(0, from) + word + text.slice(to));
    requestAnimationFrame(() => {
      field.focus();
      field.setSelectionRange(from + word.length, from + word.length);
    });
  }

  const scope = draft.value("scope");
  const team = draft.value("team")?.id ?? draft.value("team") ?? "";
  const teams = teamOptions(desk, draft.base.value.team ?? undefined).slice(1);
  const mine = draft.base.value.scope;
  const may = desk.may("messages:write") && (mine !== "shared" || desk.leads);
  const scopes = [["personal", gettext("Mine alone")], teams.length > 0 && ["team", gettext("A team's")], (desk.leads || mine === "shared") && ["shared", gettext("Everybody's")]].filter(Boolean);
  const general = draft.problem.value && !Object.keys(errors).length && !draft.clashes.value.length;
  const chooseScope = (to) => {
    draft.set("scope", to);
    draft.set("team", to === "team" ? team || teams[0]?.[0] || null : null);
  };
  const common = (name) => ({label: titles[name], disabled: !may, error: errors[name]});
  const written = (name) => ({...common(name), value: draft.value(name), onInput: (text) => draft.set(name, text)});
  return html`<form class="entries reply-form" ref=${form} onSubmit=${save} novalidate aria-label=${reply ? `/${reply.shortcut}` : gettext("New reply")}>
    <${Clashes} draft=${draft} titles=${titles} onSolved=${save} />
    <${TextField} ...${written("shortcut")} required maxlength="40" hint=${gettext("What you type after /, without spaces")} onInput=${(text) => draft.set("shortcut", text.replace(/^\//, ""))} />
    <${TextField} ...${written("title")} maxlength="120" />
    <${TextArea} ...${written("content")} required rows=${6} />
    ${may && html`<div class="variables" role="group" aria-label=${gettext("Insert what is filled in for each conversation")}>
      ${Object.entries(variableNames()).map(([name, title]) => html`<button type="button" class="variable" key=${name} onClick=${() => insert(name)}>${title}</button>`)}
    </div>`}
    <${Files} desk=${desk} label=${titles.attachments} files=${draft.value("attachments") ?? []} error=${errors.attachments} disabled=${!may} onChange=${(files) => draft.set("attachments", files)} onBusy=${setLoading} />
    <div class="entries is-two">
      <${SelectField} ...${common("scope")} value=${scope} options=${scopes} onChange=${chooseScope} />
      ${scope === "team" && html`<${SelectField} ...${common("team")} value=${team} options=${teams} onChange=${(value) => draft.set("team", value)} />`}
    </div>
    ${general && html`<p class="entry-error" role="alert">${problemText(draft.problem.value)}</p>`}
    ${!may && html`<p class="part-note">${gettext("Supervisors and administrators change what is everybody's.")}</p>`}
    ${may && html`<div class="entries-actions">
      ${reply && (sure
        ? html`<span class="reply-sure" role="alert">${gettext("Delete it for good?")}
            <button type="button" class="button is-danger is-small" disabled=${busy} onClick=${remove}>${gettext("Delete")}</button>
            <button type="button" class="button is-quiet is-small" onClick=${() => setSure(false)}>${gettext("Keep")}</button></span>`
        : html`<button type="button" class="link is-danger" onClick=${() => setSure(true)}>${gettext("Delete…")}</button><span class="gap"></span>`)}
      <button type="submit" class="button is-small" disabled=${busy || loading || (reply && !draft.dirty)}>${gettext("Save")}</button>
    </div>`}
  </form>`;
}

const variableNames = () => ({
  "visitor.nickname": gettext("Visitor's name"),
  "visitor.email": gettext("Visitor's e-mail"),
  "agent.nickname": gettext("Your name"),
  "team.name": gettext("Team"),
  "desk.name": gettext("Name of the desk"),
});
