/** Types of `static/embed/desk.js`, the desk in your page (docs/embedding.md). */

declare namespace InlayDesk {
  type Status = "AVAILABLE" | "BUSY" | "OFFLINE";

  interface Person {
    uid: string;
    nickname: string;
    avatar: string;
  }

  interface Thread {
    uid: string;
    topic: string;
    type: "AGENT" | "WORKGROUP" | "ROBOT" | "MEMBER" | "GROUP" | "TICKET";
    state: "queued" | "open" | "closed";
    /** Who is on the other side: the visitor, the colleague, or of a GROUP the group itself, by its name. */
    user: Person | null;
    agent: Person | null;
    content: string;
    unreadCount: number;
    createdAt: string;
    updatedAt: string;
  }

  interface Options {
    /** Where the frame goes: an element, or a selector of one. */
    container: string | Element;
    /** Returns a token of now: ask your own server, which asks the desk for a one-time token. Called again to renew. */
    token?: string | (() => string | Promise<string>);
    /** A token at hand, where it does not have to be renewed. */
    accessToken?: string;
    /** The desk's address; the one this script came from where it is left out. */
    desk?: string;
    /** Where the page's policy forbids the form (form-action): open the desk by an address that holds the token. */
    allowAddress?: boolean;
    surface?: "agent" | "admin";
    /** A part of the workstation alone. */
    view?: "inbox" | `thread:${string}` | `ticket:${string}` | "badge" | "stats";
    /** "0" leaves out the bar at the top. */
    chrome?: "0" | "1";
    theme?: "auto" | "light" | "dark";
    lang?: string;
    /** Pixels, any CSS length, or "auto" to follow what the desk shows. Default: 600 pixels. */
    height?: number | string;
    /** The frame's name for screen readers. */
    title?: string;
  }

  interface Events {
    ready: {status: Status; agentInfo: Person};
    unread_message_count: {totalUnreadCount: number; unreadThreads: Thread[]};
    new_visitor_message: {thread: Thread};
    agent_status_changed: {status: Status; agentInfo: Person};
    thread_status_changed: {thread: Thread; action: string};
    session_expiring: {expiresAt: string};
    session_ended: {code: string};
    embed_error: {code: string; detail?: string};
    resize: {height: number};
    error: DeskError;
  }

  class DeskError extends Error {
    /** A reason code of docs/errors.md, or `timeout`, `closed`, `form_action_blocked`. */
    readonly code: string;
  }

  type Shown = {view: "inbox" | "badge" | "stats"} | {view: "thread"; thread: string} | {view: "ticket"; ticket: string};

  interface Desk {
    readonly frame: HTMLIFrameElement;
    /** Resolves once the workstation stands; rejects with a DeskError that says why it cannot. */
    readonly ready: Promise<Events["ready"]>;
    on<Type extends keyof Events>(type: Type, listener: (data: Events[Type], type: Type) => void): () => void;
    on(type: "*", listener: (data: unknown, type: string) => void): () => void;
    command(type: string, data?: unknown): Promise<void>;
    setStatus(status: Status): Promise<void>;
    refreshThreads(): Promise<void>;
    clearUnread(threadUid: string): Promise<void>;
    openThread(threadUid: string): Promise<void>;
    /** Show another part of the workstation in this frame; in a whole workstation, go there. */
    show(what: Shown): Promise<void>;
    setTheme(theme: "auto" | "light" | "dark"): Promise<void>;
    renew(): Promise<void>;
    destroy(): void;
  }

  function open(options: Options): Desk;
}

interface Window {
  InlayDesk: typeof InlayDesk;
}
