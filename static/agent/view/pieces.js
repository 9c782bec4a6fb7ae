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
export const SearchIcon = icon("M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4");
export const OverviewIcon = icon("M4 20V10M10 20V4M16 20v-7M22 20H2");
export const GearIcon = icon("M5 7h9M18 7h1M5 17h1M10 17h9M16 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM8 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z");
export const KeyboardIcon = icon("M4 6h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1zM7 10h.1M11 10h.1M15 10h.1M17.500 10h.1M8 14h8");
export const CloseIcon = icon("M6 6l12 12M18 6 6 18");
export const CloudOffIcon = icon("M9.500 6.300A6 6 0 0 1 17.500 11a3.800 3.800 0 0 1 2.600 6M16 18H7a4 4 0 0 1-1-7.900M4 4l16 16");
export const BackIcon = icon("M14.500 5.500 8 12l6.500 6.500");
export const DownIcon = icon("M12 5v13.500M6 12.500l6 6 6-6");
export const UpIcon = icon("M12 18.500V5M6 11l6-6 6 6");
export const MoreIcon = icon("M5.500 12h.1M12 12h.1M18.500 12h.1");
export const PanelIcon = icon("M5 5h14a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM15 5v14");
export const CheckIcon = icon("M5 12.500l4.500 4.500L19 7.500");
export const TransferIcon = icon("M4 8h14l-4-4M20 16H6l4 4");
export const InviteIcon = icon("M10 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3.500 19.500a6.500 6.500 0 0 1 13 0M18.500 8v6M15.500 11h6");
export const LeaveIcon = SignOutIcon;
export const HandIcon = icon("M12 20v-8M8.500 15.500 12 12l3.500 3.500M5 8V6a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2v2");
export const TagIcon = icon("M4 5a1 1 0 0 1 1-1h6.500L20 12.500 12.500 20 4 11.500zM8 8h.1");
export const BlockIcon = icon("M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM5.700 5.700l12.600 12.600");
export const ReopenIcon = icon("M4.500 12a7.500 7.500 0 1 0 2.500-5.600M4.500 4.500v4h4");
export const FilterIcon = icon("M4 6h16M7 12h10M10 18h4");
export const FileIcon = icon("M14 3.500H7a2 2 0 0 0-2 2v13a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8.500zM14 3.500v5h5");
export const PictureIcon = icon("M5 5h14a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM8.500 10h.1M5 17l4.500-4.500 3 3L16 12l4 4");
export const ClipIcon = icon("M19.500 11.500l-7.800 7.800a4.600 4.600 0 0 1-6.500-6.500l8.300-8.300a3 3 0 0 1 4.300 4.300l-8.200 8.200a1.500 1.500 0 0 1-2.100-2.100l7.200-7.200");
export const SmileIcon = icon("M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.500 14.500a4.200 4.200 0 0 0 7 0M9 9.500v.2M15 9.500v.2");
export const SendIcon = icon("M12 19V5.500M6 11.500l6-6 6 6");
export const SlashIcon = icon("M13 3 5 13.500h6L10.500 21 19 10.500h-6z");
export const EditIcon = icon("M4.500 19.500l1-4.200L16 4.800l3.200 3.200L8.700 18.500zM13.500 7.300l3.200 3.200");
export const UndoIcon = icon("M9 14 4.500 9.500 9 5M4.500 9.500H14a5.500 5.500 0 0 1 0 11h-3");
export const TeamIcon = icon("M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 19.500a6.500 6.500 0 0 1 13 0M15.500 4.900a3.500 3.500 0 0 1 0 6.200M18 13.600a6.500 6.500 0 0 1 3.500 5.900");
export const ClockIcon = icon("M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.500V12l3 2");
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

/** The face of a conversation: of who is on its other side, or the sign of a group. `name` as it is called. */
export function ThreadFace({thread, name}) {
  if (thread.type === "GROUP") return html`<span class=${`face hue-${hueOf(thread.id)}`} aria-hidden="true"><${TeamIcon} /></span>`;
  return html`<${Avatar} person=${{...thread.user, id: thread.user?.uid ?? thread.id, nickname: name}} />`;
}

/** Whose a piece of work is: a small face, or an empty place. */
export function SmallFace({person}) {
  const name = person ? person.nickname || person.username : gettext("Unassigned");
  return html`<span class=${`small-face ${person ? "" : "is-nobody"}`} title=${name}>
    ${person && html`<${Avatar} person=${person} />`}
    <span class="unseen">${name}</span>
  </span>`;
}

const FOLDERS = ["/files/", "/static/"]; // in which pictures are

/** Return the address of a file of this desk as it is, any other as "": nobody's message makes a browser call its API. */
export function ownPicture(address) {
  try {
    const {origin, pathname} = new URL(address, location.href);
    return address && origin === location.origin && FOLDERS.some((folder) => pathname.startsWith(folder)) ? address : "";
  } catch {
    return "";
  }
}

/** Return the host that a web address leads to, or "" where no browser could open it: it is what somebody has sent. */
export function hostOf(address) {
  try {
    const {protocol, host} = new URL(address);
    return /^https?:$/.test(protocol) ? host : "";
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

/** What a place shows that has nothing to show. */
export function Blank({icon: Icon, title, text, code, alert, children}) {
  return html`<div class="blank" role=${alert ? "alert" : undefined}>
    <span class="blank-icon"><${Icon} /></span>
    <p class="blank-title">${title}</p>
    <p class="blank-text">${text}</p>
    ${code && html`<p class="blank-code"><code>${[code.code, code.requestId].filter(Boolean).join(" · ")}</code></p>`}
    ${children}
  </div>`;
}

/** The shape of a list while it is loaded. */
export const Bones = ({label}) => html`<div class="rows" role="status">
  <span class="unseen">${label}: ${gettext("loading")}</span>
  ${[1, 2, 3, 4, 5].map(
    (each) => html`<div class="row row-bone" key=${each}>
      <span class="bone bone-face"></span>
      <span class="row-text"><span class="bone bone-line"></span><span class="bone bone-short"></span></span>
    </div>`,
  )}
</div>`;
