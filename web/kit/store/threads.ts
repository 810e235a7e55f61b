import type { Entry, Id } from "../api/types.ts";
import type { LoadState } from "./lists.ts";

/**
 * What a thread shows: entries, oldest first. `entries` keeps its identity until it changes. It is one stretch of the timeline without
 * holes: `more` is older and not read yet, `newer` is newer and not read yet.
 */
export type ThreadState = { entries: readonly Entry[]; more: boolean; newer: boolean; state: LoadState };

/** A page of a timeline, newest first, and where it goes on. */
export type ThreadPage = { data: readonly Entry[]; next_cursor: string | null; newer_cursor: string | null };
/** What was asked for. */
export type ThreadPart = "newest" | "older" | "newer" | "around";

export class Thread {
  /** Where what is older begins. */
  cursor: string | null = null;
  /** Where what is newer begins; null: the newest is held, and what comes belongs behind it. */
  newer: string | null = null;
  /** The entry around which it was read last. */
  anchor: Id | null = null;
  /** When its newest was last read, in ms. */
  readAt = -Infinity;
  #state: LoadState = "empty";
  #entries = new Map<Id, { entry: Entry; seq: number }>();
  #snapshot: ThreadState | null = null;

  get state(): LoadState {
    return this.#state;
  }

  setState(state: LoadState): void {
    this.#state = state;
    this.#snapshot = null;
  }

  /** The seq in which the entry was last seen; 0 where it is unknown. */
  stamp(id: Id): number {
    return this.#entries.get(id)?.seq ?? 0;
  }

  find(id: Id): Entry | undefined {
    return this.#entries.get(id)?.entry;
  }

  /** Does it belong to what was not read yet, on either side? It comes with its page. */
  isBeyond(entry: Entry): boolean {
    const { entries } = this.snapshot();
    const [oldest, newest] = [entries[0], entries.at(-1)];
    if (oldest === undefined || newest === undefined) return false;
    const at = Date.parse(entry.at);
    return (
      (this.cursor !== null && at < Date.parse(oldest.at)) ||
      (this.newer !== null && at >= Date.parse(newest.at) && !this.#entries.has(entry.id))
    );
  }

  /** Keeps the entry unless a later one is known. */
  put(entry: Entry, seq: number): void {
    if (seq < this.stamp(entry.id)) return;
    this.#entries.set(entry.id, { entry, seq });
    this.#snapshot = null;
  }

  /** Takes in a page. One that does not touch what is held would leave a hole: then it is all that is held. */
  page({ data, next_cursor, newer_cursor }: ThreadPage, seq: number, part: ThreadPart): void {
    const before = this.snapshot().entries;
    const overlaps = data.some(({ id }) => this.#entries.has(id));
    const anew = this.#state === "empty" || ((part === "newest" || part === "around") && !overlaps);
    // what the log has told since the page was read belongs behind it
    if (anew) {
      for (const [id, { seq: told }] of this.#entries) if (part !== "newest" || told <= seq) this.#entries.delete(id);
    }
    if (part === "newest") this.readAt = Date.now();
    const [newest, oldest] = [data[0], data.at(-1)];
    if (anew || part === "older" || (oldest && before[0] && byTime(oldest, before[0]) < 0)) this.cursor = next_cursor;
    const last = before.at(-1);
    if (anew || part !== "older") {
      const further = anew || part !== "around" || (newest && last && byTime(newest, last) > 0);
      if (further) this.newer = newer_cursor;
    }
    for (const entry of data) this.put(entry, seq);
    this.setState("ready");
  }

  snapshot(): ThreadState {
    this.#snapshot ??= {
      entries: [...this.#entries.values()].map(({ entry }) => entry).sort(byTime),
      more: this.cursor !== null,
      newer: this.newer !== null,
      state: this.#state,
    };
    return this.#snapshot;
  }
}

function byTime(a: Entry, b: Entry): number {
  return Date.parse(a.at) - Date.parse(b.at) || (a.id < b.id ? -1 : 1);
}
