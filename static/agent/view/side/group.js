/** Beside what colleagues say to each other: with whom one talks, and of a group its members. */

import {perform, threadActions} from "../../actions.js";
import {html} from "../../html.js";
import {count, gettext} from "../../i18n.js";
import {nameOf, nameOfUser} from "../people.js";
import {Avatar, EditIcon, ThreadFace} from "../pieces.js";
import {Remove} from "./conversation.js";
import {Section} from "./section.js";

export function Colleague({person}) {
  return html`<${Section} title=${gettext("Colleague")} fixed>
    <div class="who"><${Avatar} person=${person} /><bdi class="who-name">${person?.nickname ?? ""}</bdi></div>
  <//>`;
}

export function Group({desk, thread}) {
  const me = desk.profile.value?.id;
  const may = desk.may("messages:write");
  const actions = threadActions(desk);
  const possible = (name) => may && actions.find((each) => each.name === name && each.when(thread, me));
  const [invite, leave, rename] = ["invite", "leave", "rename"].map(possible);
  const {participants = []} = thread;
  return html`
    <section class="side-section visitor" aria-label=${gettext("Group")}>
      <div class="who">
        <${ThreadFace} thread=${thread} />
        <div class="who-text">
          <h3 class="who-name"><bdi>${nameOf(thread)}</bdi></h3>
          <p class="who-more">${gettext("Group")}</p>
        </div>
        ${rename && html`<button type="button" class="icon-button" aria-label=${gettext("Rename the group")} title=${`${gettext("Rename the group")} (G)`} aria-keyshortcuts="g"
          onClick=${() => perform(desk, rename, thread)}><${EditIcon} /></button>`}
      </div>
      <p class="part-note">${gettext("Only its members read this. Who is added reads what was said before.")}</p>
    </section>
    <${Section} name="members" title=${gettext("Members")} count=${count(participants.length)}>
      <div class="takers">
        <ul class="takers-list">
          ${participants.map((person) => html`<li key=${person.id}>
            <${Avatar} person=${person} />
            <span class="takers-text"><bdi>${nameOfUser(person)}</bdi>${person.id === me && html`<span class="takers-role">${gettext("You")}</span>`}</span>
            ${person.id === me && leave && html`<button type="button" class="link" onClick=${() => perform(desk, leave, thread)}>${gettext("Leave")}</button>`}
            ${person.id !== me && may && html`<${Remove} desk=${desk} thread=${thread} person=${person} />`}
          </li>`)}
        </ul>
        ${invite && html`<button type="button" class="link" aria-keyshortcuts=${invite.key} onClick=${() => perform(desk, invite, thread)}>${invite.title}</button>`}
      </div>
    <//>`;
}
