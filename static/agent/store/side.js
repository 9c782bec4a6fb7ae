/** Whether the details are shown: beside the conversation as the agent likes it, over it only when asked for. */

import {computed, signal} from "@preact/signals";

const WIDE = matchMedia("(min-width: 1200px)");

export class SidePanel {
  /** @param {import("../desk.js").Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.wide = signal(WIDE.matches);
    this.over = signal(""); // the conversation over which the details lie
    WIDE.addEventListener("change", () => (this.wide.value = WIDE.matches));
    this.shown = computed(() => {
      const {thread} = desk.place.value;
      return !!thread && (this.wide.value ? desk.prefs.side.value : this.over.value === thread);
    });
  }

  toggle(on = !this.shown.peek()) {
    // Whoever was in the panel when it goes is at the button that brings it back.
    if (!on && document.activeElement?.closest(".pane-side")) {
      requestAnimationFrame(() => document.querySelector('.talk-actions [aria-keyshortcuts="i"]')?.focus());
    }
    if (this.wide.peek()) this.desk.prefs.side.value = on;
    else this.over.value = on ? this.desk.place.peek().thread : "";
  }
}
