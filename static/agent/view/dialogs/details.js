/** Tags and summary of a conversation. */

import {useState} from "preact/hooks";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {problemText} from "../../problems.js";
import {Dialog} from "../dialogs.js";

export default function Details({desk, thread, done}) {
  const [tags, setTags] = useState((thread.tags ?? []).join(", "));
  const [summary, setSummary] = useState(thread.summary ?? "");
  const [problem, setProblem] = useState("");
  const [busy, work] = useState(false);

  async function save(event) {
    event.preventDefault();
    work(true);
    setProblem("");
    const list = [...new Set(tags.split(/[,，;；]/).map((tag) => tag.trim()).filter(Boolean))];
    try {
      const changed = await desk.api.put(`threads/${thread.id}`, {tags: list, summary: summary.trim()});
      desk.threads.put(changed, {whole: true});
      done(changed);
    } catch (error) {
      work(false);
      setProblem(problemText(error));
    }
  }

  return html`<${Dialog} title=${gettext("Tags and summary")} done=${done}>
    <form class="form" onSubmit=${save}>
      <div class="dialog-main form">
        <label class="field"><span>${gettext("Tags")} <span class="field-hint">${gettext("separated by commas")}</span></span>
          <input type="text" autofocus dir="auto" value=${tags} onInput=${(event) => setTags(event.currentTarget.value)} autocomplete="off" /></label>
        <label class="field"><span>${gettext("Summary")} <span class="field-hint">${gettext("(no visitor sees it)")}</span></span>
          <textarea rows="5" dir="auto" maxlength="5000" value=${summary} onInput=${(event) => setSummary(event.currentTarget.value)}></textarea></label>
        ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      </div>
      <footer class="dialog-foot">
        <button type="button" class="button is-quiet" onClick=${() => done(null)}>${gettext("Cancel")}</button>
        <button type="submit" class="button" disabled=${busy}>${gettext("Save")}</button>
      </footer>
    </form>
  <//>`;
}
