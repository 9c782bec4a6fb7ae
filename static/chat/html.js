/** Markup in JavaScript without a build step: htm bound to Preact. Importing signals here makes components follow them. */

import "@preact/signals";
import htm from "htm";
import {h} from "preact";

export const html = htm.bind(h);
