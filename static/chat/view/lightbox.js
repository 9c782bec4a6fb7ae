/** A picture as large as the page lets it be. */

import {useLayoutEffect, useRef} from "preact/hooks";
import {html} from "../html.js";
import {text} from "../i18n.js";
import {CloseIcon, DownloadIcon} from "./pieces.js";

export function Lightbox({chat}) {
  const box = useRef(null);
  const attachment = chat.messages.value.find((each) => each.attachment?.id === chat.enlarged.value)?.attachment;
  const close = () => box.current.close(); // the browser gives the focus back

  useLayoutEffect(() => {
    if (attachment && !box.current.open) box.current.showModal();
  }, [attachment]);

  if (!attachment) return null;
  const {name, url, width, height} = attachment;
  return html`<dialog class="lightbox" ref=${box} aria-label=${name} onClose=${() => (chat.enlarged.value = null)}
    onClick=${({target}) => target.matches(".lightbox, .lightbox-place") && close()}
    onKeyDown=${(event) => event.key === "Escape" && (event.preventDefault(), close())}>
    <header class="lightbox-head">
      <bdi class="lightbox-name">${name}</bdi>
      <a class="head-button" href=${url} download=${name} target="_blank" rel="noopener noreferrer" title=${text("download")}
        aria-label=${text("download")}><${DownloadIcon} /></a>
      <button type="button" class="head-button" title=${text("close")} aria-label=${text("close")} onClick=${close}><${CloseIcon} /></button>
    </header>
    <div class="lightbox-place"><img src=${url} width=${width} height=${height} alt=${name} onError=${() => chat.renewLinks(attachment.id)} /></div>
  </dialog>`;
}
