/** After a conversation: how was it? */

import {useState} from "preact/hooks";
import {html} from "../html.js";
import {text} from "../i18n.js";
import {StarIcon} from "./pieces.js";

const SCORES = [1, 2, 3, 4, 5];

export function Rating({chat}) {
  const [score, choose] = useState(0);
  const [comment, write] = useState("");
  const [busy, work] = useState(false);
  const thread = chat.thread.value;
  if (thread?.state !== "closed") return null;
  if (thread.rating) return html`<div class="rating"><p role="status">${text("rated")}</p><${Given} score=${thread.rating} /></div>`;

  const send = async (event) => {
    event.preventDefault();
    if (!score || busy) return;
    work(true);
    await chat.rate(score, comment.trim());
    work(false);
  };
  return html`<form class="rating" onSubmit=${send}>
    <fieldset class="stars">
      <legend>${text("rate")}</legend>
      <div class="stars-row">
        ${SCORES.map((each) => html`<label class=${`star ${each <= score ? "is-full" : ""}`} key=${each}>
          <input type="radio" name="score" value=${each} checked=${each === score} onChange=${() => choose(each)}
            aria-label=${text("star", {count: each})} /><${StarIcon} />
        </label>`)}
      </div>
    </fieldset>
    ${score > 0 && html`<textarea class="rating-text" rows="2" maxlength="1000" dir="auto" value=${comment} aria-label=${text("rateComment")}
      placeholder=${text("rateComment")} onInput=${(event) => write(event.currentTarget.value)}></textarea>
      <button type="submit" class="button" disabled=${busy}>${text("rateSend")}</button>`}
    <p class="rating-hint">${text("closedHint")}</p>
  </form>`;
}

const Given = ({score}) => html`<span class="stars-row" role="img" aria-label=${text("star", {count: score})}>
  ${SCORES.map((each) => html`<span class=${`star ${each <= score ? "is-full" : ""}`} key=${each}><${StarIcon} /></span>`)}
</span>`;
