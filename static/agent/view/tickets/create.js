/** The form of a new ticket, by itself or from a conversation. Resolves with the ticket. */

import {useEffect, useLayoutEffect, useRef, useState} from "preact/hooks";
import {html} from "../../html.js";
import {fill, gettext} from "../../i18n.js";
import {problemText} from "../../problems.js";
import {Dialog} from "../dialogs.js";
import {nameOf} from "../people.js";
import {assigneeOptions, teamOptions} from "../kit/directory.js";
import {SelectField, TagsField, TextArea, TextField} from "../kit/fields.js";
import {style} from "../kit/style.js";
import {priorityOptions} from "./words.js";

await style(new URL("../kit/kit.css", import.meta.url));

export default function Create({desk, thread, done}) {
  const [values, setValues] = useState(() => begin(desk, thread));
  const [errors, setErrors] = useState({});
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const form = useRef(null);
  const key = useRef(newKey()); // sent twice by a bad line, it is made once
  const titled = useRef(false); // whether somebody has written a title
  useEffect(() => {
    if (!thread || values.title) return;
    titleOf(desk, thread).then((title) => !titled.current && setValues((before) => ({...before, title})));
  }, []);
  // A title that was proposed is there to be written over, also where it comes a moment later.
  useLayoutEffect(() => {
    const field = form.current?.querySelector("[autofocus]");
    if (thread && !titled.current && field === document.activeElement) field?.select();
  }, [values.title]);
  const set = (name) => (value) => {
    if (name === "title") titled.current = true;
    setValues((before) => ({...before, [name]: value}));
    setErrors(({[name]: _, ...others}) => others);
  };

  async function save(event) {
    event.preventDefault();
    if (busy) return;
    if (!values.title.trim()) return wrong({title: gettext("A ticket needs a title.")});
    setBusy(true);
    setProblem("");
    try {
      done(await desk.api.post("tickets/create", bodyOf(values, thread), {headers: {"Idempotency-Key": key.current}}));
    } catch (error) {
      setBusy(false);
      if (error.status) key.current = newKey(); // answered: what follows is another request
      const fields = error.problem?.errors ?? [];
      if (fields.length) wrong(Object.fromEntries(fields.map(({field, detail}) => [field.split(".")[0] === "visitor" ? "email" : field === "requester" ? "email" : field, detail])));
      else setProblem(problemText(error));
    }
  }

  function wrong(found) {
    setErrors(found);
    requestAnimationFrame(() => form.current?.querySelector('[aria-invalid="true"]')?.focus());
  }

  const title = thread ? gettext("Create a ticket") : gettext("New ticket");
  return html`<${Dialog} title=${title} done=${done} kind="is-wide">
    <form ref=${form} onSubmit=${save} novalidate class="dialog-form">
      <div class="dialog-main entries is-two">
        ${thread && html`<p class="entries-note">${fill(gettext("From the conversation with %(name)s, who stays its requester."), {name: nameOf(thread)})}</p>`}
        <${TextField} label=${gettext("Title")} wide autofocus required maxlength="300" value=${values.title} error=${errors.title} onInput=${set("title")} />
        <${TextArea} label=${gettext("Description")} rows=${5} value=${values.content} error=${errors.content} onInput=${set("content")} />
        ${!thread && html`
          <${TextField} label=${gettext("Requester")} maxlength="120" value=${values.nickname} error=${errors.nickname} onInput=${set("nickname")} placeholder=${gettext("Name")} />
          <${TextField} label=${gettext("Requester's e-mail")} type="email" inputmode="email" maxlength="254" value=${values.email} error=${errors.email} onInput=${set("email")} />`}
        <${SelectField} label=${gettext("Priority")} value=${values.priority} options=${priorityOptions()} error=${errors.priority} onChange=${set("priority")} />
        <${SelectField} label=${gettext("Team")} value=${values.team} options=${teamOptions(desk, thread?.team)} error=${errors.team} onChange=${set("team")} />
        <${SelectField} label=${gettext("Assignee")} value=${values.assignee} options=${assigneeOptions(desk)} error=${errors.assignee} onChange=${set("assignee")} />
        <${TagsField} label=${gettext("Tags")} tags=${values.tags} error=${errors.tags} onChange=${set("tags")} />
        ${problem && html`<p class="entry-error is-wide" role="alert">${problem}</p>`}
      </div>
      <footer class="dialog-foot">
        <button type="button" class="button is-quiet" onClick=${() => done(null)}>${gettext("Cancel")}</button>
        <button type="submit" class="button" disabled=${busy}>${gettext("Create")}</button>
      </footer>
    </form>
  <//>`;
}

/** Over plain http there is no randomUUID. */
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const FIRST = 10; // messages among which the visitor's first words are
const LONGEST = 90; // characters of them

/** What a conversation is about, where nobody has given it a topic: how the visitor began. */
async function titleOf(desk, thread) {
  const {items} = await desk.api.list(`messages/list?thread=${encodeURIComponent(thread.id)}&limit=${FIRST}`).catch(() => ({items: []}));
  const first = items.find(({user, type, content}) => user?.type === "visitor" && type === "text" && content);
  const words = first?.content.replace(/\s+/g, " ").trim() ?? "";
  if (!words) return fill(gettext("Conversation with %(name)s"), {name: nameOf(thread)});
  return words.length > LONGEST ? `${words.slice(0, LONGEST).replace(/\s+\S*$/, "")}…` : words;
}

function begin(desk, thread) {
  const empty = {title: "", content: "", nickname: "", email: "", priority: "medium", team: "", assignee: desk.profile.peek()?.id ?? "", tags: []};
  if (!thread) return empty;
  return {
    ...empty,
    title: thread.topic || "",
    content: thread.summary || "",
    team: thread.team?.id ?? "",
    tags: thread.tags ?? [],
  };
}

function bodyOf({title, content, nickname, email, priority, team, assignee, tags}, thread) {
  const body = {title: title.trim(), content: content.trim(), priority, team: team || null, assignee: assignee || null, tags};
  if (thread) body.originThread = thread.id;
  else if (nickname.trim() || email.trim()) body.requester = {nickname: nickname.trim(), email: email.trim()};
  return body;
}
