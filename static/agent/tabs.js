/**
 * One stream for all tabs of a browser: HTTP/1.1 allows six connections to a host, and a seventh tab would hang.
 * The tab that holds a Web Lock reads the feed and tells the others by BroadcastChannel; when it closes, the next one
 * takes over where the others had got to. Where a browser offers neither (or blocks them), each tab reads for itself.
 */

import {Feed} from "./feed.js";

/**
 * Follow the feed. `shared` names the browser session, or is "" where this tab has credentials of its own.
 * @returns {{close: () => void, hurry: () => void, drop: () => void}}
 */
export function follow({shared, onEvent, onWhisper, onState, onEnded, fetch}) {
  const channel = shared && open(`inlay-feed:${shared}`);
  let feed = null;
  let last = "";
  let state = "";
  let closed = false;
  const leaving = new AbortController();

  const tell = (message) => {
    try {
      channel?.postMessage(message);
    } catch {
      // A channel that closed under us: this tab goes on alone.
    }
  };

  function lead() {
    feed = new Feed({
      fetch,
      after: last,
      onEvent(event) {
        tell({event});
        take(event);
      },
      onWhisper(type, data) {
        tell({whisper: {type, data}});
        onWhisper?.(type, data);
      },
      onState(now) {
        if (now === state) return;
        state = now;
        tell({state: now, after: feed.after});
        onState(now);
      },
      onEnded,
    });
    return feed.run();
  }

  function take(event) {
    last = event.id;
    onEvent(event);
  }

  if (channel) {
    channel.onmessage = ({data}) => {
      if (data.hello && feed) tell({state, after: feed.after});
      if (feed || closed) return;
      if (data.after && !last) last = data.after;
      if (data.event) take(data.event);
      if (data.whisper) onWhisper?.(data.whisper.type, data.whisper.data);
      if (data.state) onState((state = data.state));
    };
    tell({hello: true});
    // The lock is held as long as this promise is open: until the tab closes or its session ends.
    navigator.locks
      .request(`inlay-feed:${shared}`, {signal: leaving.signal}, () => (closed ? undefined : lead()))
      .catch((error) => {
        if (!closed && error.name !== "AbortError") lead();
      });
  } else {
    lead();
  }

  return {
    hurry: () => feed?.hurry(),
    drop: () => feed?.drop(),
    close() {
      closed = true;
      leaving.abort();
      feed?.close();
      channel?.close?.();
    },
  };
}

function open(name) {
  try {
    return navigator.locks?.request && new BroadcastChannel(name);
  } catch {
    return null;
  }
}
