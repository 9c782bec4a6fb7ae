/** How people and conversations are called. */

import {gettext} from "../i18n.js";

/** A conversation goes by who is on its other side. */
export const nameOf = (thread) => thread?.user?.nickname || thread?.topic || gettext("Visitor");

export const nameOfUser = (user) => user?.nickname || user?.username || user?.email || "";

/** What a list shows of the last message: of one that is no text, what it is. */
export function previewOf(content) {
  const kinds = {"[image]": gettext("Picture"), "[file]": gettext("File"), "[card]": gettext("Card")};
  return kinds[content] ?? content;
}
