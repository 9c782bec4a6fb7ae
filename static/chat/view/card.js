/** A card: what the desk shows with a picture and buttons. A button opens an address, or answers. */

import {html} from "../html.js";

export function Card({chat, card}) {
  const {title, text, imageUrl, url, buttons} = card;
  const heading = url ? html`<a href=${web(url)} target="_blank" rel="noopener noreferrer nofollow">${title}</a>` : title;
  return html`<div class="bubble is-card">
    ${imageUrl && html`<img class="card-picture" src=${web(imageUrl)} alt="" loading="lazy" referrerpolicy="no-referrer"
      onError=${(event) => event.currentTarget.classList.add("is-missing")} />`}
    <div class="card-text" dir="auto">
      <p class="card-title">${heading}</p>
      ${text && html`<p>${text}</p>`}
    </div>
    ${buttons.length > 0 && html`<div class="card-buttons">
      ${buttons.map((button) => button.url
        ? html`<a class="card-button" href=${web(button.url)} target="_blank" rel="noopener noreferrer nofollow"><bdi>${button.label}</bdi></a>`
        : html`<button type="button" class="card-button" onClick=${() => chat.say(button.reply)}><bdi>${button.label}</bdi></button>`)}
    </div>`}
  </div>`;
}

const web = (address) => (/^https?:\/\//i.test(address) ? address : undefined);
