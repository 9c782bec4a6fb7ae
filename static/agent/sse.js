/** Reading what the desk sends: Server-Sent Events in pieces, and problem documents. */

/** Cuts a stream's text into messages (WHATWG HTML, section 9.2); pieces may end anywhere. */
export class Messages {
  #rest = "";

  /** @returns {{event?: string, data?: string, id?: string, retry?: number}[]} the messages that are whole now */
  feed(text) {
    // A CR at the very end may be half of a CRLF: it waits for the next piece.
    const all = this.#rest + text;
    const held = all.endsWith("\r") ? 1 : 0;
    const blocks = all.slice(0, all.length - held).replace(/\r\n?/g, "\n").split("\n\n");
    this.#rest = blocks.pop() + (held ? "\r" : "");
    return blocks.map(parse).filter(Boolean);
  }
}

function parse(block) {
  const message = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon === 0 || !line) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") message.data = message.data === undefined ? value : `${message.data}\n${value}`;
    else if (field === "event" || field === "id") message[field] = value;
    else if (field === "retry" && /^\d+$/.test(value)) message.retry = Number(value);
  }
  return Object.keys(message).length ? message : null;
}

/** Return the problem (RFC 9457) of a refusal; what is no problem document gets the code `http_<status>`. */
export async function problemOf(response) {
  const fallback = {code: `http_${response.status}`, status: response.status, detail: "", requestId: ""};
  try {
    return {...fallback, ...(await response.json())};
  } catch {
    return fallback;
  }
}
