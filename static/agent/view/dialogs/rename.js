/** How a group is called. Resolves with the conversation. */

import {useState} from "preact/hooks";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {problemText} from "../../problems.js";
import {Dialog} from "../dialogs.js";

export default function Rename({desk, thread, done}) {
  const [topic, setTopic] = useState(thread.topic);
  const [problem, setProblem] = useState("");
  const [busy, work] = useState(false);

  async function save(event) {
    event.preventDefault();
    work(true);
    setProblem("");
    try {
      done(await desk.api.put(`threads/${thread.id}`, {topic: topic.trim()}));
    } catch (error) {
      work(false);
      setProblem(problemText(error));
    }
  }

  return html`<${Dialog} title=${gettext("Rename the group")} done=${done}>
    <form class="form" onSubmit=${save}>
      <div class="dialog-main form">
        <label class="field"><span>${gettext("Name of the group")}</span>
          <input type="text" autofocus required dir="auto" maxlength="300" autocomplete="off" value=${topic} onInput=${(event) => setTopic(event.currentTarget.value)} /></label>
        ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      </div>
      <footer class="dialog-foot">
        <button type="button" class="button is-quiet" onClick=${() => done(null)}>${gettext("Cancel")}</button>
        <button type="submit" class="button" disabled=${busy || !topic.trim()}>${gettext("Save")}</button>
      </footer>
    </form>
  <//>`;
}
