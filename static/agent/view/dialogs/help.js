/** All keys. */

import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {keycaps} from "../../shortcuts.js";
import {Dialog} from "../dialogs.js";

export default function Help({desk, done}) {
  const groups = Map.groupBy?.(entries(desk), ({group}) => group) ?? grouped(entries(desk));
  return html`<${Dialog} title=${gettext("Keyboard shortcuts")} done=${done} kind="is-help">
    <div class="dialog-main" tabindex="0">
      <p>${gettext("While you write, hold Alt: Alt+T transfers, Alt+N begins a note. Letters alone work when no field has the focus; you can switch that off in the settings.")}</p>
      <div class="help-groups">
        ${[...groups].map(([group, list]) => html`<section class="help-group" key=${group}>
          <h3>${group}</h3>
          ${list.map(({key, title}) => html`<div class="help-row" key=${`${key}${title}`}><span>${title.replace(/…$/, "")}</span><${Caps} key=${key} of=${key} /></div>`)}
        </section>`)}
      </div>
    </div>
  <//>`;
}

export const Caps = ({of}) => html`<span class="caps">${keycaps(of).flat().map((cap, at) => html`<kbd key=${at}>${cap}</kbd>`)}</span>`;

function entries(desk) {
  const inField = gettext("In the field");
  return [
    ...desk.shortcuts.entries.value.filter(({key, group}) => key && group && key !== "Escape"),
    {group: inField, key: "Enter", title: gettext("Send")},
    {group: inField, key: "shift+Enter", title: gettext("New line")},
    {group: inField, key: "/", title: gettext("Canned replies")},
    {group: inField, key: "@", title: gettext("Mention a colleague (in a note, or among colleagues)")},
    {group: inField, key: "ArrowUp", title: gettext("Edit the last message (in an empty field)")},
    {group: inField, key: "Escape", title: gettext("Undo sending, or back to the list")},
    {group: gettext("On a message"), key: "F2", title: gettext("Edit")},
    {group: gettext("On a message"), key: "Del", title: gettext("Recall")},
  ];
}

function grouped(list) {
  const groups = new Map();
  for (const each of list) groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
  return groups;
}
