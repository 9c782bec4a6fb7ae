/** The agent's status: shown as soon as it is chosen, taken back if the desk refuses. */

import {batch, computed, signal} from "@preact/signals";
import {gettext} from "../i18n.js";

export const STATUSES = ["AVAILABLE", "BUSY", "OFFLINE"];

export class Status {
  constructor(desk) {
    this.desk = desk;
    this.chosen = signal(null); // what the agent has just asked for, until the desk says yes or no
    this.confirmed = signal(""); // what the desk has
    this.shown = computed(() => this.chosen.value ?? this.confirmed.value);
    this.problem = signal("");
    this.asked = 0; // how many this page has asked for; the last one counts
    this.doubted = false; // somebody else changed it while our own wish was on its way
  }

  /** Set the status. Rejects with the desk's `.code`. */
  async set(status) {
    const turn = ++this.asked;
    batch(() => {
      this.chosen.value = status;
      this.problem.value = "";
    });
    try {
      const profile = await this.desk.api.put("user/profile", {status});
      batch(() => {
        // Only the last choice counts when an agent changes their mind quickly.
        if (turn !== this.asked) return;
        this.desk.profile.value = profile;
        this.confirmed.value = profile.status;
        this.chosen.value = null;
      });
    } catch (error) {
      if (turn === this.asked) {
        this.chosen.value = null;
        this.problem.value = gettext("The status could not be changed. Please try again.");
      }
      throw error;
    } finally {
      if (turn === this.asked && this.doubted) this.#look();
    }
  }

  /** Our own user changed. Events of quick changes may come late, so the profile is asked how it is now. */
  heard(data) {
    if (data?.status === this.shown.peek()) return;
    if (this.chosen.peek()) this.doubted = true;
    else this.#look();
  }

  #look() {
    this.doubted = false;
    this.desk.loadProfile().catch(() => {});
  }
}
