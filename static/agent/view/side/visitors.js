/** The visitor of a conversation as the panel holds it: read once, read again when an event speaks of it. */

import {useEffect, useMemo} from "preact/hooks";
import {Draft} from "../kit/draft.js";

const GAP = 500; // ms between two readings, however many events ask for one

/** A Draft of the visitor, kept fresh; null where a conversation has none. */
export function useVisitor(desk, id) {
  const draft = useMemo(() => id && new Draft(desk, `visitors/${encodeURIComponent(id)}`), [desk, id]);
  useEffect(() => {
    if (!draft) return;
    draft.load();
    let waiting = null;
    const soon = () => {
      waiting ??= setTimeout(() => {
        waiting = null;
        draft.load();
      }, GAP);
    };
    const ends = [desk.on("visitor.*", ({objectId}) => objectId === id && soon()), desk.on("resync", soon)];
    return () => {
      clearTimeout(waiting);
      ends.forEach((end) => end());
    };
  }, [draft]);
  return draft;
}
