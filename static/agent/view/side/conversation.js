/** What the conversation is about: its tags and summary, who takes part, and how the visitor rated it. */

import {useEffect, useMemo, useState} from "preact/hooks";
import {perform, threadActions} from "../../actions.js";
import {html} from "../../html.js";
import {fill, gettext} from "../../i18n.js";
import {problemText} from "../../problems.js";
import {Avatar, CloseIcon} from "../pieces.js";
import {nameOfUser} from "../people.js";
import {Clashes} from "../kit/clash.js";
import {Draft} from "../kit/draft.js";
import {TagsField, TextArea} from "../kit/fields.js";
import {Section} from "./section.js";

export function Conversation({desk, thread}) {
  return html`<${Section} name="conversation" title=${gettext("This conversation")}>
    ${"tags" in thread && html`<${About} key=${thread.id} desk=${desk} thread=${thread} />`}
    <${People} desk=${desk} thread=${thread} />
    <${Rating} thread=${thread} />
  <//>`;
}

/** Tags and summary: a tag is saved when it is added, the summary when one leaves it (or with Ctrl+Enter). */
function About({desk, thread}) {
  const draft = useMemo(() => new Draft(desk, `threads/${thread.id}`), [desk, thread.id]);
  const [saved, setSaved] = useState(false);
  const may = desk.may("messages:write");
  const titles = {tags: gettext("Tags"), summary: gettext("Summary")};
  const version = `${thread.tags?.join()}\n${thread.summary}`;
  useEffect(() => void draft.load(), [draft, version]);

  async function save() {
    if (!draft.dirty) return;
    const object = await draft.save();
    if (!object) return;
    desk.threads.put(object, {whole: true});
    setSaved(true);
    desk.say(gettext("Saved"));
    setTimeout(() => setSaved(false), 2500);
  }

  const shown = (name) => draft.value(name) ?? thread[name];
  if (!may) {
    return html`<div class="about">
      <div class="chips">${thread.tags.map((tag) => html`<span class="tag" dir="auto" key=${tag}>${tag}</span>`)}</div>
      ${thread.summary && html`<p dir="auto" class="prose">${thread.summary}</p>`}
    </div>`;
  }
  const failed = draft.problem.value && !Object.keys(draft.errors.value).length && draft.dirty;
  return html`<div class="about">
    <${Clashes} draft=${draft} titles=${titles} onSolved=${save} />
    <${TagsField} label=${titles.tags} tags=${shown("tags") ?? []} error=${draft.errors.value.tags} onChange=${(tags) => (draft.set("tags", tags), save())} />
    <${TextArea} label=${titles.summary} value=${shown("summary")} rows=${3} error=${draft.errors.value.summary} placeholder=${gettext("What it was about, for whoever comes next")}
      onInput=${(text) => draft.set("summary", text)} onBlur=${save} onKeyDown=${(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && (event.preventDefault(), save())} />
    <p class="saved" role="status">${draft.saving.value ? gettext("Saving…") : saved ? gettext("Saved") : ""}</p>
    ${failed && html`<p class="entry-error" role="alert">${problemText(draft.problem.value)} <button type="button" class="link" onClick=${save}>${gettext("Try again")}</button></p>`}
  </div>`;
}

function People({desk, thread}) {
  const me = desk.profile.value?.id;
  const actions = threadActions(desk);
  const possible = (name) => actions.find((each) => each.name === name && each.when(thread, me));
  const [invite, leave] = [possible("invite"), possible("leave")];
  const {agent, robot, team, participants = []} = thread;
  // The API's rule: its agent, who invited, and who looks after others' work.
  const mayRemove = ({invitedBy}) => desk.may("messages:write") && (desk.leads || agent?.id === me || invitedBy === me);
  const everybody = [
    agent?.id && {...agent, role: gettext("Agent")},
    robot?.id && {...robot, role: gettext("Robot")},
    ...participants.map((person) => ({...person, role: gettext("Invited"), invited: true})),
  ].filter(Boolean);
  return html`<div class="takers">
    <h4 class="entry-label">${gettext("Who takes part")}</h4>
    ${!everybody.length && html`<p class="part-note">${team?.name ? fill(gettext("Waiting for somebody of %(team)s"), {team: team.name}) : gettext("Nobody yet")}</p>`}
    <ul class="takers-list">
      ${everybody.map((person) => html`<li key=${person.id}>
        <${Avatar} person=${person} status=${person.status} />
        <span class="takers-text"><bdi>${nameOfUser(person)}</bdi><span class="takers-role">${person.role}</span></span>
        ${person.id === me && person.invited && leave && html`<button type="button" class="link" onClick=${() => perform(desk, leave, thread)}>${gettext("Leave")}</button>`}
        ${person.id !== me && person.invited && mayRemove(person) && html`<${Remove} desk=${desk} thread=${thread} person=${person} />`}
      </li>`)}
    </ul>
    ${invite && "participants" in thread && html`<button type="button" class="link" aria-keyshortcuts=${invite.key} onClick=${() => perform(desk, invite, thread)}>${invite.title}</button>`}
  </div>`;
}

/** Takes an invitation back. */
export function Remove({desk, thread, person}) {
  const [busy, setBusy] = useState(false);
  const name = nameOfUser(person);
  const label = fill(gettext("Remove %(name)s from the conversation"), {name});

  async function remove() {
    setBusy(true);
    try {
      desk.threads.put(await desk.api.post(`threads/${thread.id}/remove`, {agent: person.id}), {whole: true});
      desk.say(fill(gettext("%(name)s was removed from the conversation."), {name}));
    } catch (error) {
      desk.fail(error);
      setBusy(false);
    }
  }

  return html`<button type="button" class="icon-button" title=${label} aria-label=${label} disabled=${busy} onClick=${remove}><${CloseIcon} /></button>`;
}

function Rating({thread}) {
  if (!thread.rating) return null;
  const words = fill(gettext("%(n)s of 5"), {n: thread.rating});
  return html`<div class="rating">
    <h4 class="entry-label">${gettext("Rating")}</h4>
    <p><span class="stars" aria-hidden="true">${"★".repeat(thread.rating)}<span class="stars-off">${"★".repeat(5 - thread.rating)}</span></span><span class="unseen">${words}</span></p>
    ${thread.ratingComment && html`<p class="prose" dir="auto">“${thread.ratingComment}”</p>`}
  </div>`;
}
