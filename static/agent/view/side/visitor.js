/** Who writes: name and contact, whether the site vouches for it, its device and fields; to edit, block and let in again. */

import {useEffect, useRef, useState} from "preact/hooks";
import {perform, threadActions} from "../../actions.js";
import {html} from "../../html.js";
import {ago, exactly, fill, gettext, language} from "../../i18n.js";
import {Avatar, BlockIcon, CheckIcon, EditIcon, WarningIcon} from "../pieces.js";
import {Edit} from "./edit.js";

export function Visitor({desk, thread, visitor}) {
  const [editing, setEditing] = useState(false);
  const button = useRef(null);
  const card = useRef(null);
  const shown = visitor?.base.value;
  const may = desk.may("messages:write");
  useEffect(() => {
    if (!may || !visitor) return;
    return desk.shortcuts.register({
      key: "shift+e", title: gettext("Edit the visitor"), group: gettext("Conversation"), when: () => !!visitor.base.value, run: () => setEditing(true),
    });
  }, [visitor, may]);

  function left() {
    setEditing(false);
    requestAnimationFrame(() => button.current?.focus());
  }

  if (!visitor) return html`<div class="side-section"><p class="part-note">${gettext("This conversation has no visitor.")}</p></div>`;
  if (!shown && visitor.problem.value) {
    return html`<div class="side-section"><p class="part-note" role="alert">${gettext("This could not be loaded")}
      <button type="button" class="link" onClick=${() => visitor.load()}>${gettext("Try again")}</button></p></div>`;
  }
  return html`<section class="side-section visitor" aria-label=${gettext("Visitor")} ref=${card}>
    <div class="who">
      <${Avatar} person=${{...thread.user, ...shown, id: thread.user?.uid ?? thread.user?.id}} />
      <div class="who-text">
        <h3 class="who-name"><bdi>${shown?.nickname || thread.user?.nickname || gettext("Visitor")}</bdi></h3>
        <p class="who-more">${shown ? seen(shown, lastWord(desk, thread), desk.now.value) : html`<span class="bone bone-short"></span>`}</p>
      </div>
      ${may && !editing && html`<button type="button" class="icon-button" ref=${button} disabled=${!shown} aria-label=${gettext("Edit the visitor")}
        title=${`${gettext("Edit the visitor")} (⇧E)`} aria-keyshortcuts="Shift+E" onClick=${() => setEditing(true)}><${EditIcon} /></button>`}
    </div>
    ${shown ? html`<${Identity} visitor=${shown} />` : html`<span class="bone bone-line"></span>`}
    ${shown?.blockedAt && html`<p class="badge-line is-bad"><${BlockIcon} /><span>${fill(gettext("Blocked since %(time)s"), {time: exactly(new Date(shown.blockedAt))})}</span></p>`}
    ${editing && shown ? html`<${Edit} desk=${desk} draft=${visitor} onLeave=${left} />` : html`<${Facts} visitor=${shown} />`}
    ${may && shown && !editing && html`<div class="side-actions"><${Block} desk=${desk} thread=${thread} visitor=${shown} draft=${visitor} /></div>`}
  </section>`;
}

/** When the visitor has written last in this conversation, as far as it is loaded. */
function lastWord(desk, {id}) {
  return desk.conversations.open.get(id)?.messages.value.findLast(({user}) => user?.type === "visitor")?.createdAt;
}

/** `seenAt` is when the visitor's page was opened last: who has written since was there then too. */
function seen({seenAt, createdAt}, wroteAt, now) {
  const last = Math.max(new Date(seenAt ?? 0), new Date(wroteAt ?? 0));
  if (last) return fill(gettext("Seen %(time)s"), {time: ago(new Date(last), now)});
  return fill(gettext("Known since %(time)s"), {time: ago(new Date(createdAt), now)});
}

/** Whether the embedding site has signed who this is. What a page only claims is shown as that. */
function Identity({visitor}) {
  const claim = visitor.device?.visitorUid;
  if (visitor.verifiedAt) {
    return html`<p class="badge-line is-good" title=${gettext("The site has signed this identity.")}><${CheckIcon} /><span>${gettext("Verified")}: <bdi>${visitor.externalId}</bdi></span></p>`;
  }
  if (visitor.externalId) {
    return html`<p class="badge-line"><span>${gettext("Customer number")}: <bdi>${visitor.externalId}</bdi></span></p>`;
  }
  if (claim) {
    return html`<p class="badge-line is-warn" title=${gettext("Anybody can claim this. Do not give anything away on the strength of it.")}>
      <${WarningIcon} /><span>${gettext("Not verified; says to be")} <bdi>${claim}</bdi></span></p>`;
  }
  return html`<p class="badge-line"><span>${gettext("Identity not verified")}</span></p>`;
}

function Facts({visitor}) {
  if (!visitor) {
    return html`<div class="facts" aria-hidden="true">${[1, 2, 3].map((each) => html`<div key=${each}><span class="bone bone-line"></span></div>`)}</div>`;
  }
  const {email, phone, device = {}, customFields = {}} = visitor;
  const local = localTime(device.timezone);
  const rows = [
    email && [gettext("E-mail"), html`<a href=${`mailto:${email}`} target="_blank" rel="noopener">${email}</a>`],
    phone && [gettext("Phone"), html`<a href=${`tel:${phone.replace(/[^\d+]/g, "")}`} target="_blank" rel="noopener"><bdi>${phone}</bdi></a>`],
    visitor.language && [gettext("Language"), languageName(visitor.language)],
    local && [gettext("Local time"), local],
    (device.browser || device.os) && [gettext("Device"), [device.browser, device.os, device.screen].filter(Boolean).join(" · ")],
    ...Object.entries(customFields).map(([name, value]) => [name, fieldText(value)]),
  ].filter(Boolean);
  if (!rows.length) return html`<p class="part-note">${gettext("Nothing is known of this visitor yet.")}</p>`;
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div key=${name}><dt dir="auto">${name}</dt><dd dir="auto">${value}</dd></div>`)}</dl>`;
}

export function fieldText(value) {
  if (value === true) return gettext("Yes");
  if (value === false) return gettext("No");
  return value === null || value === "" ? "–" : String(value);
}

function languageName(tag) {
  try {
    return new Intl.DisplayNames([language], {type: "language"}).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

function localTime(timeZone) {
  try {
    return timeZone && `${new Intl.DateTimeFormat(language, {timeStyle: "short", timeZone}).format(new Date())} (${timeZone})`;
  } catch {
    return "";
  }
}

function Block({desk, thread, visitor, draft}) {
  const [busy, setBusy] = useState(false);
  async function block() {
    await perform(desk, threadActions(desk).find(({name}) => name === "block"), thread);
    draft.load();
  }
  async function unblock() {
    setBusy(true);
    try {
      await desk.api.post(`visitors/${visitor.id}/unblock`);
      desk.toast({text: gettext("The visitor may write again.")});
    } catch (error) {
      desk.fail(error);
    } finally {
      setBusy(false);
      draft.load();
    }
  }
  if (visitor.blockedAt) return html`<button type="button" class="button is-quiet is-small" disabled=${busy} onClick=${unblock}>${gettext("Unblock")}</button>`;
  return html`<button type="button" class="link is-danger" onClick=${block}>${gettext("Block the visitor…")}</button>`;
}
