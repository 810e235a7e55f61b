import type { ClientFrame, Frame, Id } from "../api/types.ts";
import type { Desk } from "./desk.ts";
import type { Loader } from "./loader.ts";

/** Waits between tries, in ms; each is shortened by up to half at random, so that a restarted server is not stormed. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** The server forgets who views after 10 s without a word. */
const VIEW_AGAIN_MS = 4_000;
const TYPING_AGAIN_MS = 3_000;
/** A hidden tab is patched this often instead of at every frame. */
const HIDDEN_BATCH_MS = 1_000;

/** The server closes the socket of a session that has ended with this code. */
const SESSION_ENDED = 4001;

/** `WebSocket.OPEN` */
const OPEN = 1;

/** `since`: when the connection was lost, in ms; null while it is live or was never there. */
export type LiveState = { state: "connecting" | "live" | "waiting"; since: number | null };

/** What the feed needs of its surroundings, so that tests can hand in their own. */
export type Surroundings = {
  open: (path: string) => WebSocket;
  now: () => number;
  random: () => number;
  /** Runs before the next paint, or in a hidden tab once a second. */
  soon: (work: () => void) => void;
};

/** The socket: keeps the desk up to date, and says who views and types. */
export class Live {
  #desk: Desk;
  #loader: Loader;
  #around: Surroundings;
  #socket: WebSocket | null = null;
  #state: LiveState = { state: "connecting", since: null };
  #listeners = new Set<() => void>();
  #tries = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #viewing: Id | null = null;
  #viewTimer: ReturnType<typeof setInterval> | undefined;
  #lastTyping = new Map<Id, number>();
  #queue: Frame[] = [];
  #scheduled = false;
  #filling = false;
  #stopped = true;

  constructor(desk: Desk, loader: Loader, around: Surroundings = browserSurroundings()) {
    this.#desk = desk;
    this.#loader = loader;
    this.#around = around;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#viewTimer = setInterval(() => this.#sendView(), VIEW_AGAIN_MS);
    globalThis.addEventListener?.("online", this.#wake);
    globalThis.document?.addEventListener("visibilitychange", this.#wake);
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    clearInterval(this.#viewTimer);
    globalThis.removeEventListener?.("online", this.#wake);
    globalThis.document?.removeEventListener("visibilitychange", this.#wake);
    this.#socket?.close();
    this.#socket = null;
    this.#queue = [];
  }

  state = (): LiveState => this.#state;
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Says which conversation is on screen, until it is told another. */
  view(id: Id | null): void {
    if (id === this.#viewing) return;
    this.#viewing = id;
    this.#send({ view: id });
  }

  /** Says that the user types; at most every 3 s. */
  typing(id: Id): void {
    const now = this.#around.now();
    if (now - (this.#lastTyping.get(id) ?? -Infinity) < TYPING_AGAIN_MS) return;
    this.#lastTyping.set(id, now);
    this.#send({ typing: id });
  }

  #connect(): void {
    clearTimeout(this.#retry);
    const socket = this.#around.open(`/api/v1/live?after=${this.#desk.seq}`);
    this.#socket = socket;
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
      this.#tries = 0;
      // Who was there when the connection broke may have gone since.
      this.#desk.forgetPresence();
      this.#desk.draftsMayDiffer();
      this.#set({ state: "live", since: null });
      this.#sendView();
    });
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket && typeof data === "string") this.receive(data);
    });
    socket.addEventListener("close", ({ code }) => {
      if (socket !== this.#socket || this.#stopped) return;
      this.#socket = null;
      this.#set({ state: "waiting", since: this.#state.since ?? this.#around.now() });
      // A refused handshake says no reason to a page; an answer over HTTP does.
      if (code === SESSION_ENDED || !opened) void this.#loader.checkSession();
      const longest = Math.min(FIRST_WAIT_MS * 2 ** this.#tries, LONGEST_WAIT_MS);
      this.#tries += 1;
      this.#retry = setTimeout(() => this.#connect(), longest * (0.5 + this.#around.random() / 2));
    });
  }

  #wake = (): void => {
    if (this.#socket === null && !this.#stopped && globalThis.document?.visibilityState !== "hidden") this.#connect();
  };

  /** Takes in one message of the socket. Frames are applied together, before the next paint. */
  receive(text: string): void {
    const frame = parse(text);
    if (!frame) return;
    this.#queue.push(frame);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#around.soon(() => {
      this.#scheduled = false;
      this.#drain();
    });
  }

  #drain(): void {
    if (this.#filling) return;
    const frames = this.#queue;
    this.#queue = [];
    let gap = false;
    this.#desk.topics.batch(() => {
      for (const frame of frames) {
        if (this.#desk.apply(frame) === "applied") continue;
        gap = true;
        this.#queue.push(frame);
      }
    });
    if (gap) void this.#fill();
    else if (this.#desk.isStale) void this.#loader.refreshStale();
  }

  async #fill(): Promise<void> {
    this.#filling = true;
    const filled = await this.#loader.fillGap().then(
      () => true,
      () => false,
    );
    this.#filling = false;
    if (filled) {
      // Frames that came meanwhile are covered by the log now, or continue from it.
      this.#queue = this.#queue.filter((frame) => !("events" in frame) || frame.seq > this.#desk.seq);
      this.#schedule();
    } else {
      // The log can't be read now: start over from the last seq, with the back-off of a lost connection.
      this.#queue = [];
      this.#socket?.close();
    }
  }

  #sendView(): void {
    if (this.#viewing !== null && globalThis.document?.visibilityState !== "hidden")
      this.#send({ view: this.#viewing });
  }

  #send(frame: ClientFrame): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #set(state: LiveState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function parse(text: string): Frame | null {
  try {
    const frame = JSON.parse(text) as unknown;
    if (typeof frame !== "object" || frame === null) return null;
    const known = "events" in frame || "mine" in frame || "presence" in frame || "draft" in frame;
    return known ? (frame as Frame) : null;
  } catch {
    return null;
  }
}

function browserSurroundings(): Surroundings {
  return {
    open: (path) => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`),
    now: () => performance.now(),
    random: () => Math.random(),
    soon: (work) => {
      if (document.visibilityState === "hidden") setTimeout(work, HIDDEN_BATCH_MS);
      else requestAnimationFrame(work);
    },
  };
}
