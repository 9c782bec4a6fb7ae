/**
 * What is typed between a command and the field that it opens. A fast typist does not wait for a dialog to be fetched:
 * the letters would land in the field that had the focus, or be commands themselves. They wait, and are typed there.
 * Enter and Tab do nothing meanwhile: they would send an unfinished answer, and nobody sees yet what they would choose.
 */

const PATIENCE = 3_000; // ms after which nobody waits any more

let held = null; // {text, timer} while keys wait

/** Keep what is typed from now on, until `release`. */
export function hold() {
  release();
  const timer = setTimeout(release, PATIENCE);
  held = {text: "", timer};
  addEventListener("keydown", keep, true);
}

/** The field is there, or will never be: type into it what has waited. */
export function release(field = null) {
  if (!held) return;
  const {text, timer} = held;
  held = null;
  clearTimeout(timer);
  removeEventListener("keydown", keep, true);
  if (!field || !text) return;
  field.focus();
  const end = field.value.length;
  field.setRangeText(text, end, end, "end");
  field.dispatchEvent(new InputEvent("input", {bubbles: true}));
}

function keep(event) {
  if (event.isComposing || event.keyCode === 229) return;
  const commands = event.ctrlKey || event.altKey || event.metaKey;
  if (event.key === "Enter" || (event.key === "Tab" && !commands)) return swallow(event);
  if (commands) return;
  if ([...event.key].length === 1) held.text += event.key;
  else if (event.key === "Backspace") held.text = held.text.slice(0, -1);
  else if (event.key === "Escape") return release();
  else return;
  swallow(event);
}

function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}
