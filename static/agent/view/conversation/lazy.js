/** A piece that is fetched when it is first shown. */

import {useEffect, useState} from "preact/hooks";
import {html} from "../../html.js";

/** `load` returns the module; everything else goes to its default export. */
export function Lazy({load, ...props}) {
  const [Part, setPart] = useState(null);
  useEffect(() => {
    let current = true;
    load().then((module) => current && setPart(() => module.default), () => current && props.onClose?.());
    return () => (current = false);
  }, []);
  return Part && html`<${Part} ...${props} />`;
}
