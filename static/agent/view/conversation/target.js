/** Brings the message that is to be shown into view, in a log whose far blocks are empty until one comes near them. */

import {useLayoutEffect} from "preact/hooks";

const TRIES = 40; // frames in which a block is drawn

/**
 * @param box ref of the log @param place ref of the reader's place in it @param {number} perBlock seqs of a block
 * @param {() => void} done is called where the message is in its place
 */
export function useTarget(box, place, conversation, perBlock, done) {
  const target = conversation.target.value;
  useLayoutEffect(() => {
    if (!target) return;
    let tries = 0, frame = 0, found = null;
    const go = () => {
      const {current: log} = box;
      found = log.querySelector(`[data-seq="${target.seq}"]`);
      const there = found ?? log.querySelector(`[data-block="${Math.floor(target.seq / perBlock)}"]`);
      if (there) {
        const {top, height} = there.getBoundingClientRect();
        const bounds = log.getBoundingClientRect();
        log.scrollTop += top - bounds.top - Math.max(24, (bounds.height - height) / 2);
        Object.assign(place.current, {begun: true, end: false, anchor: there, top: there.getBoundingClientRect().top - bounds.top});
      }
      if (!found) return (frame = ++tries < TRIES && requestAnimationFrame(go));
      if (!target.quiet) found.classList.add("is-found");
      if (target.focus) found.focus({preventScroll: true});
      done();
    };
    go();
    return () => {
      cancelAnimationFrame(frame);
      found?.classList.remove("is-found");
    };
  }, [target]);
}
