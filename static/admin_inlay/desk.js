// The admin's own scripts: copy buttons, scope presets, and the domain editor that explains each entry as one types.
"use strict";

function copyButtons() {
  const status = document.querySelector("[data-copied]");
  for (const button of document.querySelectorAll("[data-copy]")) {
    const label = button.textContent;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      const done = await copied(source);
      button.textContent = done ? "Copied" : "Press Ctrl+C";
      if (status) status.textContent = done ? "Copied to the clipboard" : "Selected: press Ctrl+C to copy";
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }
}

/** Copy an element's text; on plain http the clipboard API does not exist, so its text is selected and copied. */
async function copied(source) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return true;
    } catch { /* refused, as in a frame without clipboard-write: select instead */ }
  }
  const range = document.createRange();
  range.selectNodeContents(source);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  try { return document.execCommand("copy"); } catch { return false; }
}

function scopePresets() {
  for (const picker of document.querySelectorAll(".dk-scopes")) {
    const boxes = [...picker.querySelectorAll("input[type=checkbox]")];
    const bar = picker.querySelector("[data-presets]");
    const buttons = [...bar.querySelectorAll("button")];
    const namesOf = (button) => button.dataset.names.split(" ").filter(Boolean).sort().join(" ");
    const show = () => {
      const chosen = boxes.filter((box) => box.checked).map((box) => box.value).sort().join(" ");
      for (const button of buttons) button.setAttribute("aria-pressed", String(namesOf(button) === chosen));
    };
    bar.hidden = false;
    for (const button of buttons) {
      button.addEventListener("click", () => {
        const names = new Set(button.dataset.names.split(" "));
        for (const box of boxes) box.checked = names.has(box.value);
        show();
      });
    }
    picker.addEventListener("change", show);
    show();
  }
}

function domainEditors() {
  for (const editor of document.querySelectorAll(".dk-domains")) domainEditor(editor);
}

function domainEditor(editor) {
  const area = editor.querySelector("textarea");
  const list = editor.querySelector(".dk-entries");
  const anySite = editor.querySelector("[data-any]");
  const add = editor.querySelector("[data-add]");
  const parts = (text) => text.split(/[\s,;]+/).filter(Boolean);
  let waiting = 0;
  let asked = 0;

  const inputs = () => [...list.querySelectorAll("input")];
  const keep = () => {
    const entries = inputs().map((input) => input.value.trim()).filter(Boolean);
    area.value = entries.join("\n");
    anySite.hidden = entries.length > 0;
    clearTimeout(waiting);
    waiting = setTimeout(explain, 250);
  };

  async function explain() {
    const rows = [...list.children].filter((row) => row.querySelector("input").value.trim());
    for (const row of list.children) if (!rows.includes(row)) tell(row, null);
    if (!rows.length) return;
    const mine = ++asked;
    const query = new URLSearchParams(rows.map((row) => ["entry", row.querySelector("input").value.trim()]));
    try {
      const response = await fetch(`${editor.dataset.explain}?${query}`, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(response.status);
      const answer = await response.json();
      if (mine === asked) answer.entries.forEach((entry, at) => tell(rows[at], entry));
    } catch { /* the form's own check says it after sending */ }
  }

  function tell(row, entry) {
    const help = row.querySelector(".dk-help");
    help.replaceChildren();
    if (!entry) { delete row.dataset.ok; return; }
    row.dataset.ok = entry.ok;
    const stored = entry.ok && entry.stored !== entry.entry ? `Stored as ${entry.stored}. ` : "";
    help.append(stored + entry.text);
    for (const warning of entry.warnings) {
      const note = document.createElement("span");
      note.className = "dk-soon";
      note.textContent = ` ${warning.text}`;
      help.append(note);
    }
  }

  function addRow(text, focus) {
    const row = document.createElement("li");
    const line = document.createElement("div");
    const input = document.createElement("input");
    const remove = document.createElement("button");
    const help = document.createElement("p");
    Object.assign(input, { type: "text", value: text, placeholder: "app.example.com", spellcheck: false });
    input.setAttribute("aria-label", "Allowed domain");
    input.setAttribute("autocapitalize", "off");
    input.className = "dk-mono";
    Object.assign(remove, { type: "button", className: "dk-button dk-quiet", textContent: "Remove" });
    help.className = "dk-help";
    help.id = `entry-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    help.setAttribute("aria-live", "polite");
    input.setAttribute("aria-describedby", help.id);
    input.addEventListener("input", keep);
    input.addEventListener("paste", (event) => {
      const pasted = parts(event.clipboardData.getData("text"));
      if (pasted.length < 2) return;
      event.preventDefault();
      pasted.forEach((entry, at) => { if (at || input.value) addRow(entry); else input.value = entry; });
      keep();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // Enter means another entry, not "send the form"
      addRow("", true);
    });
    remove.addEventListener("click", () => { row.remove(); keep(); add.focus(); });
    line.append(input, remove);
    row.append(line, help);
    list.append(row);
    if (focus) input.focus();
  }

  area.hidden = true;
  list.hidden = add.hidden = false;
  for (const entry of parts(area.value)) addRow(entry);
  add.addEventListener("click", () => addRow("", true));
  keep();
}

document.addEventListener("DOMContentLoaded", () => {
  copyButtons();
  scopePresets();
  domainEditors();
});
