/** Stylesheets of the parts that are loaded late. A part waits for its own, so that nothing is ever shown bare. */

const asked = new Map();

/** Load a stylesheet once; resolves when it counts, and also where it cannot be had: bare is better than nothing. */
export function style(address) {
  const {href} = new URL(address, import.meta.url);
  if (!asked.has(href)) {
    asked.set(href, new Promise((resolve) => {
      const link = Object.assign(document.createElement("link"), {rel: "stylesheet", href, onload: resolve, onerror: resolve});
      document.head.append(link);
    }));
  }
  return asked.get(href);
}
