/** What a message says: text with links, a picture, a file, a card. */

import {html} from "../../html.js";
import {gettext} from "../../i18n.js";
import {marked} from "../kit/marked.js";
import {hostOf, ownPicture, PictureIcon} from "../pieces.js";
import {File, Picture} from "./files.js";

const LINK = /(https?:\/\/[^\s<>"'）」』】，。；、]*[^\s<>"'）」』】，。；、.,:;!?)\]])/;

/** `words` are looked for in the conversation: they stand out. */
export function Content({desk, message, words}) {
  const {type, content, attachment, card} = message;
  if (message.recalledAt) return html`<p class="bubble is-empty">${gettext("This message was recalled.")}</p>`;
  if (type === "card" && card) return html`<${Card} card=${card} />`;
  if (type === "image" || type === "file") {
    const caption = attachment && content;
    const Shown = type === "image" ? Picture : File;
    return html`<${Shown} desk=${desk} attachment=${attachment} content=${content} address=${content} />
      ${caption && html`<p class="bubble is-caption" dir="auto"><${Text} text=${caption} words=${words} /></p>`}`;
  }
  return html`<p class="bubble" dir="auto"><${Text} text=${content} mentions=${message.mentions} words=${words} /></p>
    ${message.suggestions?.length > 0 && html`<div class="card-buttons">${message.suggestions.map((each, at) => html`<span class="chip" key=${at}>${each}</span>`)}</div>`}`;
}

/** Text in which addresses are links and mentioned colleagues stand out. */
export function Text({text, mentions, words}) {
  return text.split(LINK).map((part, at) =>
    at % 2 ? html`<a href=${part} target="_blank" rel="noopener noreferrer nofollow">${marked(part, words)}</a>` : mentioned(part, mentions, words),
  );
}

function mentioned(text, mentions, words) {
  const names = (mentions ?? []).map(({nickname}) => `@${nickname}`).filter((name) => name.length > 1);
  if (!names.length) return marked(text, words);
  const parts = text.split(new RegExp(`(${names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`));
  return parts.map((part, at) => (at % 2 ? html`<span class="mention">${part}</span>` : marked(part, words)));
}

function Card({card}) {
  const picture = ownPicture(card.imageUrl);
  return html`<div class="bubble is-card">
    ${picture ? html`<img src=${picture} alt="" loading="lazy" />` : hostOf(card.imageUrl) && html`<${Elsewhere} address=${card.imageUrl} />`}
    <p class="card-title" dir="auto">${hostOf(card.url) ? html`<a href=${card.url} target="_blank" rel="noopener noreferrer nofollow">${card.title}</a>` : card.title}</p>
    ${card.text && html`<p class="card-text" dir="auto">${card.text}</p>`}
    ${card.buttons?.length > 0 && html`<div class="card-buttons">${card.buttons.map((button, at) =>
      hostOf(button.url)
        ? html`<a class="chip" key=${at} href=${button.url} target="_blank" rel="noopener noreferrer nofollow">${button.label}</a>`
        : html`<span class="chip" key=${at}>${button.label}</span>`)}</div>`}
  </div>`;
}

/**
 * A picture of another site is opened by who wants to see it, and not fetched by everybody who reads the conversation:
 * that site would learn where and when the desk's people work.
 */
const Elsewhere = ({address}) => html`<a class="card-picture" href=${address} target="_blank" rel="noopener noreferrer nofollow">
  <${PictureIcon} /><span>${gettext("Open the picture")} <bdi class="card-host">${hostOf(address)}</bdi></span></a>`;
