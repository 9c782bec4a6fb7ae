/** How people and conversations are called. */

import {gettext} from "../i18n.js";

/** A conversation goes by who is on its other side. */
export const nameOf = (thread) => thread?.user?.nickname || thread?.topic || gettext("Visitor");

export const nameOfUser = (user) => user?.nickname || user?.username || user?.email || "";
