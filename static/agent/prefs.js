/** How somebody likes the page: signals that are kept from one day to the next where the browser allows it. */

import {effect, signal} from "@preact/signals";
import {forGood} from "./keep.js";

const CHOICES = {
  density: "comfortable", // or compact
  theme: "auto", // or light, dark; auto: as the address or the reader's system says
  sound: true,
  notifications: false, // needs the browser's permission as well
  singleKeys: true, // letters alone are shortcuts while nobody writes
  side: true, // the panel at the right is shown
};

export class Prefs {
  constructor() {
    const kept = forGood.get("prefs") ?? {};
    for (const [name, preset] of Object.entries(CHOICES)) {
      this[name] = signal(typeof kept[name] === typeof preset ? kept[name] : preset);
    }
    const {dataset} = document.documentElement;
    const given = dataset.theme; // by the host, in the address
    effect(() => (dataset.theme = this.theme.value === "auto" ? given : this.theme.value));
    effect(() => (dataset.density = this.density.value));
    let first = true;
    effect(() => {
      const now = Object.fromEntries(Object.keys(CHOICES).map((name) => [name, this[name].value]));
      if (!first) forGood.set("prefs", now);
      first = false;
    });
  }
}
