/** Writing to colleagues: one of them, or several, who then are a group. Resolves with the conversation. */

import {useId, useMemo, useRef, useState} from "preact/hooks";
import {html} from "../../html.js";
import {fill, gettext} from "../../i18n.js";
import {problemText} from "../../problems.js";
import {newId} from "../../store/outbox.js";
import {groupName, talkWith} from "../../talks.js";
import {Dialog} from "../dialogs.js";
import {style} from "../kit/style.js";
import {nameOfUser} from "../people.js";
import {Avatar, CloseIcon} from "../pieces.js";
import {statusNames} from "../status.js";
import {useColleagues} from "./colleagues.js";

await style(new URL("../kit/kit.css", import.meta.url));

export default function Begin({desk, done}) {
  const [chosen, choose] = useState([]);
  const [word, setWord] = useState("");
  const [topic, setTopic] = useState("");
  const [at, setAt] = useState(0);
  const [problem, setProblem] = useState("");
  const [busy, work] = useState(false);
  const sent = useRef({body: "", key: ""});
  const field = useRef(null);
  const id = useId();
  const title = gettext("Write to colleagues");
  const isGroup = chosen.length > 1;

  const {people, known, problem: unfound} = useColleagues(desk, word);
  const rows = useMemo(() => people.filter((each) => !chosen.some((one) => one.id === each.id)), [people, chosen]);

  const take = (person) => {
    if (!person) return;
    choose([...chosen, person]);
    setWord("");
    setAt(0);
    field.current.focus();
  };
  const drop = (person) => {
    choose(chosen.filter((each) => each.id !== person.id));
    field.current.focus();
  };

  async function begin(event) {
    event?.preventDefault();
    if (busy || !chosen.length) return;
    work(true);
    setProblem("");
    // Asked again after a lost answer, the desk gives the same conversation; asked for another one, another.
    const body = JSON.stringify([chosen.map((each) => each.id), topic.trim()]);
    if (sent.current.body !== body) sent.current = {body, key: newId()};
    try {
      done(await talkWith(desk, chosen, {topic, key: sent.current.key}));
    } catch (error) {
      work(false);
      setProblem(problemText(error));
    }
  }

  const pressed = (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (step && rows.length) {
      const to = (at + step + rows.length) % rows.length;
      setAt(to);
      document.getElementById(`${id}-${to}`)?.scrollIntoView({block: "nearest"});
    } else if (event.key === "Enter" && (word.trim() || !chosen.length)) take(rows[at]);
    else if (event.key === "Backspace" && !word && chosen.length) drop(chosen.at(-1));
    else return;
    event.preventDefault();
  };
  return html`<${Dialog} title=${title} done=${done}>
    <form class="form" onSubmit=${begin}>
      <div class="dialog-main form">
        <div class="entry is-wide">
          <label class="entry-label" for=${id}>${gettext("To")}</label>
          <div class="tags-entry input">
            ${chosen.map((person) => html`<span class="tag" key=${person.id}><bdi>${nameOfUser(person)}</bdi>
              <button type="button" class="tag-away" aria-label=${fill(gettext("Without %(name)s"), {name: nameOfUser(person)})} onClick=${() => drop(person)}><${CloseIcon} /></button>
            </span>`)}
            <input type="text" id=${id} ref=${field} autofocus dir="auto" autocomplete="off" spellcheck=${false} value=${word} placeholder=${chosen.length ? gettext("One more…") : gettext("Name of a colleague")}
              role="combobox" aria-expanded="true" aria-controls=${`${id}-people`} aria-activedescendant=${rows.length ? `${id}-${at}` : undefined}
              onInput=${(event) => (setWord(event.currentTarget.value), setAt(0))} onKeyDown=${pressed} />
          </div>
        </div>
        ${isGroup && html`<label class="field"><span>${gettext("Name of the group")}</span>
          <input type="text" dir="auto" maxlength="300" autocomplete="off" value=${topic} placeholder=${groupName(desk, chosen)} onInput=${(event) => setTopic(event.currentTarget.value)} /></label>`}
        ${(problem || unfound) && html`<p class="problem" role="alert">${problem || unfound}</p>`}
        <div class="people" id=${`${id}-people`} role="listbox" aria-label=${gettext("Colleagues")}>
          ${rows.map((person, index) => html`<div role="option" id=${`${id}-${index}`} class="person" key=${person.id} aria-selected=${String(index === at)} onClick=${() => take(person)}>
            <${Avatar} person=${person} status=${person.status} />
            <span class="person-text"><bdi>${nameOfUser(person)}</bdi><small>${hintOf(person)}</small></span>
          </div>`)}
          ${known && !rows.length && (word || !chosen.length) && html`<p class="palette-empty">${gettext("Nobody found")}</p>`}
        </div>
      </div>
      <footer class="dialog-foot">
        <button type="button" class="button is-quiet" onClick=${() => done(null)}>${gettext("Cancel")}</button>
        <button type="submit" class="button" disabled=${busy || !chosen.length}>${isGroup ? gettext("Begin the group") : gettext("Write")}</button>
      </footer>
    </form>
  <//>`;
}

const hintOf = ({status, teams = []}) => [statusNames()[status], teams.map(({name}) => name).join(", ")].filter(Boolean).join(" · ");
