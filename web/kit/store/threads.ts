import type { Entry, Id } from "../api/types.ts";
import type { LoadState } from "./lists.ts";

/** What a thread shows: entries, oldest first. `entries` keeps its identity until it changes. */
export type ThreadState = { entries: readonly Entry[]; more: boolean; state: LoadState };

export class Thread {
  cursor: string | null = null;
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

  /** Does it belong to the past that was not read yet? It comes with its page. */
  isBefore(entry: Entry): boolean {
    const oldest = this.snapshot().entries[0];
    return this.cursor !== null && oldest !== undefined && Date.parse(entry.at) < Date.parse(oldest.at);
  }

  /** Keeps the entry unless a later one is known. */
  put(entry: Entry, seq: number): void {
    if (seq < this.stamp(entry.id)) return;
    this.#entries.set(entry.id, { entry, seq });
    this.#snapshot = null;
  }

  /** A page, newest first. `first` is the newest page; it only sets the cursor where nothing older was read. */
  page(entries: readonly Entry[], cursor: string | null, seq: number, first: boolean): void {
    const overlaps = entries.some(({ id }) => this.#entries.has(id));
    // A newest page that does not touch what is held leaves a hole behind it: start again.
    if (first && !overlaps) this.#entries.clear();
    if (!first || !overlaps || this.#state === "empty") this.cursor = cursor;
    for (const entry of entries) this.put(entry, seq);
    this.setState("ready");
  }

  snapshot(): ThreadState {
    this.#snapshot ??= {
      entries: [...this.#entries.values()].map(({ entry }) => entry).sort(byTime),
      more: this.cursor !== null,
      state: this.#state,
    };
    return this.#snapshot;
  }
}

function byTime(a: Entry, b: Entry): number {
  return Date.parse(a.at) - Date.parse(b.at) || (a.id < b.id ? -1 : 1);
}
