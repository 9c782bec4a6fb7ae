/** What the page's address and the embedding page say: where the conversation goes, and who the visitor is. */

const WHO = ["visitorUid", "nickname", "avatar", "email", "phone", "signature"];
const WHERE = ["org", "t", "sid"];

/** Return the parameters of the page's address. */
export function optionsOf(address) {
  const given = new URL(address).searchParams;
  const read = (name) => given.get(name) ?? "";
  return {
    ...pick(WHERE, read),
    t: read("t") || "1",
    ...pick(WHO, read),
    mode: read("mode") === "widget" ? "widget" : "page",
  };
}

/** Return the identity that an embedding page gave, and nothing else of what it sent. */
export function identityOf(given) {
  return pick(WHO, (name) => (["string", "number"].includes(typeof given?.[name]) ? String(given[name]) : ""));
}

const pick = (names, read) => Object.fromEntries(names.map((name) => [name, read(name)]));

/** Where a conversation's things are kept: each place and each visitor of a browser has its own. */
export const keyOf = ({sid, t, visitorUid}) => `inlay-chat:${[sid, t, visitorUid].map(encodeURIComponent).join(":")}`;

/** Return what the desk shows an agent about the visitor's browser. */
export function device() {
  const agent = navigator.userAgent;
  const first = (known) => known.find(([, pattern]) => pattern.test(agent))?.[0] ?? "";
  return {
    browser: first([["Edge", /Edg/], ["Opera", /OPR\//], ["Firefox", /Firefox|FxiOS/], ["Chrome", /Chrom|CriOS/], ["Safari", /Safari/]]),
    os: first([["Android", /Android/], ["iOS", /iPhone|iPad/], ["Windows", /Windows/], ["macOS", /Mac OS/], ["Linux", /Linux/]]),
    screen: `${screen.width}x${screen.height}`,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "",
  };
}
