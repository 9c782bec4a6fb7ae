/** To whom: a colleague (transfer, invite) or a team (transfer), with a note for who takes over. Resolves with `{body, name}`. */

import {useEffect, useMemo, useState} from "preact/hooks";
import {html} from "../../html.js";
import {fill, gettext} from "../../i18n.js";
import {Dialog} from "../dialogs.js";
import {nameOfUser} from "../people.js";
import {Avatar, TeamIcon} from "../pieces.js";
import {statusNames} from "../status.js";
import {useColleagues} from "./colleagues.js";

export default function People({desk, name, thread, done}) {
  const invites = name === "invite";
  const [teams, setTeams] = useState(invites ? [] : null); // null: not here yet
  const [word, setWord] = useState("");
  const [note, setNote] = useState("");
  const [at, setAt] = useState(0);
  const title = invites ? gettext("Invite a colleague") : gettext("Transfer the conversation");

  useEffect(() => {
    if (!invites) desk.api.list("teams/list?limit=200").then(({items}) => setTeams(items), () => setTeams([]));
  }, []);
  const {people, known, problem} = useColleagues(desk, word);

  const rows = useMemo(() => {
    const wanted = word.trim().toLocaleLowerCase();
    const busy = new Set([thread.agent?.id, ...(invites ? (thread.participants ?? []).map(({id}) => id) : [])]);
    if (!teams) return []; // what comes later would move what is chosen
    const groups = teams.filter(({id, name}) => (id !== thread.team?.id || thread.agent) && name.toLocaleLowerCase().includes(wanted));
    return [...groups.map((team) => ({team})), ...people.filter(({id}) => !busy.has(id)).map((user) => ({user}))]
      .sort((one, other) => rank(one, thread) - rank(other, thread));
  }, [teams, people, word]);

  const choose = (row) => {
    if (!row) return;
    const body = row.user ? {agent: row.user.id} : {team: row.team.id};
    if (note.trim() && !invites) body.note = note.trim();
    done({body, name: row.user ? nameOfUser(row.user) : row.team.name});
  };
  const pressed = (event) => {
    if (event.isComposing) return;
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (step && rows.length) {
      event.preventDefault();
      const to = (at + step + rows.length) % rows.length;
      setAt(to);
      document.getElementById(`person-${to}`)?.scrollIntoView({block: "nearest"});
    } else if (event.key === "Enter" && event.target.tagName === "INPUT") {
      event.preventDefault();
      choose(rows[at]);
    }
  };
  return html`<${Dialog} title=${title} done=${done}>
    <div class="dialog-main form" onKeyDown=${pressed}>
      <label class="field"><span class="unseen">${gettext("Search")}</span>
        <input type="text" autofocus dir="auto" value=${word} placeholder=${invites ? gettext("Name of a colleague") : gettext("Name of a colleague or team")} autocomplete="off" role="combobox"
          aria-expanded="true" aria-controls="people" aria-activedescendant=${rows.length ? `person-${at}` : undefined} onInput=${(event) => (setWord(event.currentTarget.value), setAt(0))} />
      </label>
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      <div class="people" id="people" role="listbox" aria-label=${title}>
        ${rows.map((row, index) => html`<div role="option" id=${`person-${index}`} class="person" key=${(row.user ?? row.team).id} aria-selected=${String(index === at)} onClick=${() => choose(row)}>
          ${row.user ? html`<${Avatar} person=${row.user} status=${row.user.status} />` : html`<${TeamIcon} />`}
          <span class="person-text"><bdi>${row.user ? nameOfUser(row.user) : row.team.name}</bdi><small>${hintOf(row)}</small></span>
        </div>`)}
        ${known && teams && !rows.length && html`<p class="palette-empty">${gettext("Nobody found")}</p>`}
      </div>
      ${!invites && html`<label class="field"><span>${gettext("Note for who takes over")} <span class="field-hint">${gettext("(no visitor sees it)")}</span></span>
        <textarea rows="2" dir="auto" value=${note} onInput=${(event) => setNote(event.currentTarget.value)}></textarea></label>`}
    </div>
    <footer class="dialog-foot">
      <button type="button" class="button is-quiet" onClick=${() => done(null)}>${gettext("Cancel")}</button>
      <button type="button" class="button" disabled=${!rows[at]} onClick=${() => choose(rows[at])}>${invites ? gettext("Invite") : gettext("Transfer")}</button>
    </footer>
  <//>`;
}

/** Who is there and works in the conversation's team comes first. */
function rank({user, team}, thread) {
  if (team) return 2;
  const near = (user.teams ?? []).some(({id}) => id === thread.team?.id);
  return {AVAILABLE: 0, BUSY: 3, OFFLINE: 5}[user.status] + (near ? 0 : 1);
}

function hintOf({user, team}) {
  if (team) {
    const there = (team.members ?? []).filter(({status}) => status === "AVAILABLE").length;
    return fill(gettext("Team · %(n)s available"), {n: there});
  }
  const load = user.capacity ? fill(gettext("%(n)s of %(most)s chats"), {n: user.openChats ?? 0, most: user.capacity}) : "";
  return [statusNames()[user.status], (user.teams ?? []).map(({name}) => name).join(", "), load].filter(Boolean).join(" · ");
}
