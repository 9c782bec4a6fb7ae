/** Colleagues that a word finds, for the dialogs that ask to whom: of a large desk only some are known beforehand. */

import {useEffect, useMemo, useState} from "preact/hooks";
import {problemText} from "../../problems.js";
import {says} from "../../store/suggest.js";

const PAUSE = 180; // ms after the last key until the desk is asked

/**
 * Until the desk has answered, those of the last answer whom the word fits too: Enter never takes somebody else.
 * @returns {{people: object[], known: boolean, problem: string}} `known` once it is the answer to this word
 */
export function useColleagues(desk, word) {
  const wanted = word.trim();
  const [answer, setAnswer] = useState(null); // {wanted, people}
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      desk.conversations.suggest.find(wanted).then(
        (people) => current && (setAnswer({wanted, people}), setProblem("")),
        (error) => current && setProblem(problemText(error)),
      );
    }, answer ? PAUSE : 0);
    return () => ((current = false), clearTimeout(timer));
  }, [wanted]);
  const known = answer?.wanted === wanted;
  const people = useMemo(() => (known ? answer.people : (answer?.people ?? []).filter((each) => says(each, wanted))), [answer, wanted]);
  return {people, known, problem};
}
