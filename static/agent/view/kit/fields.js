/** Fields of forms: each with its name above, what is wrong below, and both known to screen readers. */

import {useId, useRef, useState} from "preact/hooks";
import {html} from "../../html.js";
import {fill, gettext} from "../../i18n.js";
import {CloseIcon} from "../pieces.js";

function Frame({id, label, error, hint, wide, children}) {
  return html`<div class=${`entry ${wide ? "is-wide" : ""} ${error ? "is-wrong" : ""}`}>
    <label class="entry-label" for=${id}>${label}</label>
    ${children}
    ${hint && !error && html`<p class="entry-hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="entry-error" id=${`${id}-error`}>${error}</p>`}
  </div>`;
}

const about = (id, error, hint) => ({
  id,
  "aria-invalid": error ? "true" : undefined,
  "aria-describedby": error ? `${id}-error` : hint ? `${id}-hint` : undefined,
});

export function TextField({label, value, onInput, error, hint, wide, ...rest}) {
  const id = useId();
  return html`<${Frame} id=${id} label=${label} error=${error} hint=${hint} wide=${wide}>
    <input class="input" type="text" dir="auto" autocomplete="off" ...${rest} ...${about(id, error, hint)} value=${value ?? ""} onInput=${({target}) => onInput(target.value)} />
  <//>`;
}

export function TextArea({label, value, onInput, error, hint, rows = 3, ...rest}) {
  const id = useId();
  return html`<${Frame} id=${id} label=${label} error=${error} hint=${hint} wide>
    <textarea class="input" dir="auto" rows=${rows} ...${rest} ...${about(id, error, hint)} value=${value ?? ""} onInput=${({target}) => onInput(target.value)}></textarea>
  <//>`;
}

/** `options`: `[value, text]` pairs. */
export function SelectField({label, value, options, onChange, error, hint, wide, ...rest}) {
  const id = useId();
  return html`<${Frame} id=${id} label=${label} error=${error} hint=${hint} wide=${wide}>
    <${Select} ...${rest} ...${about(id, error, hint)} value=${value} options=${options} onChange=${onChange} />
  <//>`;
}

/** A select without a frame: it needs an `aria-label` or a label of its own. */
export function Select({value, options, onChange, ...rest}) {
  return html`<span class="select"><select class="input" ...${rest} value=${value ?? ""} onChange=${({target}) => onChange(target.value)}>
    ${options.map(([each, text]) => html`<option key=${each} value=${each} selected=${each === (value ?? "")}>${text}</option>`)}
  </select></span>`;
}

/**
 * Tags: each with a button that takes it away; Enter or a comma adds what is written, Backspace in the empty field takes
 * the last one back.
 */
export function TagsField({label, tags, onChange, error, hint, disabled, field}) {
  const id = useId();
  const [text, setText] = useState("");
  const input = useRef(null);
  const box = useRef(null);

  function add(words = text) {
    const wanted = words.split(",").map((word) => word.trim()).filter(Boolean);
    setText("");
    const all = [...new Set([...tags, ...wanted])];
    if (all.length > tags.length) onChange(all);
  }

  function take(tag) {
    onChange(tags.filter((each) => each !== tag));
    input.current?.focus();
  }

  function pressed(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && text.trim()) {
      event.preventDefault();
      add();
    } else if (event.key === "Backspace" && !text && tags.length) take(tags.at(-1));
  }

  return html`<${Frame} id=${id} label=${label} error=${error} hint=${hint} wide>
    <div class="tags-entry input" ref=${box} onPointerDown=${(event) => event.target === box.current && (event.preventDefault(), input.current?.focus())}>
      ${tags.map((tag) => html`<span class="tag" key=${tag}><bdi>${tag}</bdi>
        <button type="button" class="tag-away" disabled=${disabled} aria-label=${fill(gettext("Remove the tag %(tag)s"), {tag})} onClick=${() => take(tag)}><${CloseIcon} /></button>
      </span>`)}
      <input type="text" dir="auto" ref=${input} autocomplete="off" maxlength="40" enterkeyhint="done" data-field=${field} disabled=${disabled} placeholder=${tags.length ? "" : gettext("Add a tag")}
        ...${about(id, error, hint)} value=${text} onKeyDown=${pressed} onBlur=${() => text.trim() && add()}
        onInput=${({target}) => (target.value.includes(",") ? add(target.value) : setText(target.value))} />
    </div>
  <//>`;
}
