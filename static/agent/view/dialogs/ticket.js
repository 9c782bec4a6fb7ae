/** A ticket made from a conversation. Resolves with the ticket. */

import {useState} from "preact/hooks";
import {html} from "../../html.js";
import {fill, gettext} from "../../i18n.js";
import {problemText} from "../../problems.js";
import {Dialog} from "../dialogs.js";
import {nameOf} from "../people.js";

export default function Ticket({desk, thread, done}) {
  const [title, setTitle] = useState(thread.topic || fill(gettext("Conversation with %(name)s"), {name: nameOf(thread)}));
  const [content, setContent] = useState(thread.summary || "");
  const [priority, setPriority] = useState("medium");
  const [problem, setProblem] = useState("");
  const [busy, work] = useState(false);
  const priorities = {low: gettext("Low priority"), medium: gettext("Medium priority"), high: gettext("High priority"), urgent: gettext("Urgent")};

  async function save(event) {
    event.preventDefault();
    if (!title.trim()) return;
    work(true);
    setProblem("");
    const body = {title: title.trim(), content: content.trim(), priority, originThread: thread.id};
    if (thread.team?.id) body.team = thread.team.id;
    try {
      done(await desk.api.post("tickets/create", body));
    } catch (error) {
      work(false);
      setProblem(problemText(error));
    }
  }

  return html`<${Dialog} title=${gettext("Create a ticket")} done=${done}>
    <form class="form" onSubmit=${save}>
      <div class="dialog-main form">
        <label class="field"><span>${gettext("Title")}</span><input type="text" autofocus required dir="auto" maxlength="300" value=${title} onInput=${(event) => setTitle(event.currentTarget.value)} /></label>
        <label class="field"><span>${gettext("Description")}</span><textarea rows="5" dir="auto" value=${content} onInput=${(event) => setContent(event.currentTarget.value)}></textarea></label>
        <label class="field"><span>${gettext("Priority")}</span>
          <select value=${priority} onChange=${(event) => setPriority(event.currentTarget.value)}>
            ${Object.entries(priorities).map(([value, name]) => html`<option value=${value} key=${value}>${name}</option>`)}
          </select></label>
        ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      </div>
      <footer class="dialog-foot">
        <button type="button" class="button is-quiet" onClick=${() => done(null)}>${gettext("Cancel")}</button>
        <button type="submit" class="button" disabled=${busy || !title.trim()}>${gettext("Create")}</button>
      </footer>
    </form>
  <//>`;
}
