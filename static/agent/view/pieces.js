/** Small pieces that every pane uses: faces, times, icons, and what a list shows while it has nothing to show. */

import {html} from "../html.js";
import {ago, exactly, gettext} from "../i18n.js";

const HUES = 8;

export const Mark = () => html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
  <rect x="2" y="2" width="28" height="28" rx="8" class="mark-frame" />
  <rect x="9" y="9" width="14" height="14" rx="4" class="mark-inlay" />
</svg>`;

const icon = (path) => () =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path} /></svg>`;

export const SignOutIcon = icon("M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15 8l4 4-4 4M19 12H10");
export const TicketIcon = icon("M4 7a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v2.5a2.5 2.5 0 0 0 0 5V17a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-2.5a2.5 2.5 0 0 0 0-5zM14 5v3M14 11v2M14 16v3");
export const ThreadIcon = icon("M4 6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-6l-5 4v-4H6a2 2 0 0 1-2-2zM8.500 8.500h7M8.500 11.500h4");
export const LockIcon = icon("M7 11V8a5 5 0 0 1 10 0v3M6 11h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1zM12 14.500v2.500");
export const WarningIcon = icon("M12 4 2.800 19.500h18.400zM12 10v4.500M12 17v.2");

/** Somebody's picture, or their initials on a colour of their own. Pictures of other sites are not fetched (CSP). */
export function Avatar({person, status}) {
  const name = person?.nickname || person?.username || person?.email || "";
  const picture = ownPicture(person?.avatar);
  return html`<span class=${`face hue-${hueOf(person?.id || name)}`} aria-hidden="true">
    ${picture ? html`<img src=${picture} alt="" width="36" height="36" loading="lazy" />` : initials(name)}
    ${status && html`<span class=${`face-dot is-${status.toLowerCase()}`}></span>`}
  </span>`;
}

/** Whose a piece of work is: a small face, or an empty place. */
export function SmallFace({person}) {
  const name = person ? person.nickname || person.username : gettext("Nobody's yet");
  return html`<span class=${`small-face ${person ? "" : "is-nobody"}`} title=${name}>
    ${person && html`<${Avatar} person=${person} />`}
    <span class="unseen">${name}</span>
  </span>`;
}

function ownPicture(address) {
  try {
    return address && new URL(address, location.href).origin === location.origin ? address : "";
  } catch {
    return "";
  }
}

function initials(name) {
  const words = name.split("@")[0].split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  // One sign is enough where names have no spaces (张伟); more would not fit.
  return letters.map((word) => [...word][0].toLocaleUpperCase()).join("") || "?";
}

function hueOf(text) {
  let sum = 0;
  for (const sign of String(text)) sum = (sum * 31 + sign.codePointAt(0)) % 9973;
  return sum % HUES;
}

/** A moment, as how long ago it was. */
export function When({at, now}) {
  if (!at) return null;
  const moment = new Date(at);
  return html`<time datetime=${at} title=${exactly(moment)} class="when">${ago(moment, now)}</time>`;
}

/** What a list shows in each of its states; `children` are its rows. */
export function ListBody({list, label, empty, icon: Icon, children}) {
  const state = list.state.value;
  if (state === "loading") return html`<${Bones} label=${label} />`;
  if (state === "forbidden") {
    return html`<${Blank} icon=${LockIcon} title=${gettext("Not for this access token")}
      text=${gettext("Whoever issued it can add the right to see this.")} />`;
  }
  if (state === "failed") {
    return html`<${Blank} icon=${WarningIcon} title=${gettext("This could not be loaded")} alert
      text=${gettext("The desk did not answer. Your work is safe; please try again.")} code=${list.problem.value}>
      <button type="button" class="button is-quiet" onClick=${() => list.retry().catch(() => {})}>
        ${gettext("Try again")}
      </button>
    <//>`;
  }
  if (!list.items.value.length) return html`<${Blank} icon=${Icon} ...${empty} />`;
  return html`<ul class="rows" aria-label=${label} tabindex="0">${children}</ul>`;
}

function Blank({icon: Icon, title, text, code, alert, children}) {
  return html`<div class="blank" role=${alert ? "alert" : undefined}>
    <span class="blank-icon"><${Icon} /></span>
    <p class="blank-title">${title}</p>
    <p class="blank-text">${text}</p>
    ${code && html`<p class="blank-code"><code>${[code.code, code.requestId].filter(Boolean).join(" · ")}</code></p>`}
    ${children}
  </div>`;
}

const Bones = ({label}) => html`<div class="rows" role="status">
  <span class="unseen">${label}: ${gettext("loading")}</span>
  ${[1, 2, 3, 4, 5].map(
    (each) => html`<div class="row row-bone" key=${each}>
      <span class="bone bone-face"></span>
      <span class="row-text"><span class="bone bone-line"></span><span class="bone bone-short"></span></span>
    </div>`,
  )}
</div>`;
