import type { Id } from "../api/types.ts";

/** As many as the server changes at once. */
export const MOST_SELECTED = 1_000;

const NOTHING: ReadonlySet<Id> = new Set();

/**
 * The conversations of the list on the screen that are chosen together. A range goes from the row where it began to its end, and follows
 * its end back; rows that were chosen apart from it stay.
 */
export class Selection {
  #ids = NOTHING;
  /** Where the range begins, and where it ends. */
  #anchor: Id | null = null;
  #end: Id | null = null;
  /** What was chosen before the range began. */
  #apart = NOTHING;
  #listeners = new Set<() => void>();

  get ids(): ReadonlySet<Id> {
    return this.#ids;
  }
  get size(): number {
    return this.#ids.size;
  }
  /** The end that was moved last; null while none was. */
  get end(): Id | null {
    return this.#end;
  }
  has(id: Id): boolean {
    return this.#ids.has(id);
  }
  /** In the order of a list. */
  inOrder(list: readonly Id[]): Id[] {
    return list.filter((id) => this.#ids.has(id));
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  /** The same until it changes. */
  snapshot = (): ReadonlySet<Id> => this.#ids;

  /** Puts one in or out; the next range begins there. */
  toggle(id: Id): void {
    const next = new Set(this.#ids);
    if (!next.delete(id) && next.size < MOST_SELECTED) next.add(id);
    this.#anchor = id;
    this.#end = id;
    this.#apart = next;
    this.#become(next);
  }

  /** Moves the end of the range to a row. Where none has begun, it begins at `from`, or at that row. */
  extend(list: readonly Id[], to: Id, from: Id | null): void {
    const begun = this.#anchor !== null && list.includes(this.#anchor);
    if (!begun) {
      this.#anchor = from !== null && list.includes(from) ? from : to;
      this.#apart = this.#ids;
    }
    const [start, end] = [list.indexOf(this.#anchor ?? to), list.indexOf(to)];
    if (end < 0) return;
    const range = start <= end ? list.slice(start, end + 1) : list.slice(end, start + 1).reverse();
    const next = new Set(this.#apart);
    for (const id of range) if (next.size < MOST_SELECTED) next.add(id);
    this.#end = to;
    this.#become(next);
  }

  /** Moves the end of the range by one row. `at`: the row that is open. */
  step(list: readonly Id[], by: 1 | -1, at: Id | null): void {
    const from = list.indexOf(this.#end ?? at ?? "");
    const to = list[from < 0 ? (by > 0 ? 0 : list.length - 1) : from + by];
    if (to !== undefined) this.extend(list, to, at);
  }

  /** All of a list, from its top, as many as may be. */
  all(list: readonly Id[]): void {
    this.rest();
    this.#become(new Set(list.slice(0, MOST_SELECTED)));
  }

  /** The next range begins anew: at the row that is open then. */
  rest(): void {
    if (this.#end === null && this.#anchor === null) return;
    this.#anchor = null;
    this.#end = null;
    this.#tell();
  }

  /** Lets go of those that are not in the list any more. */
  keep(list: readonly Id[]): void {
    if (this.#ids.size === 0) return;
    const there = new Set(list);
    this.#apart = new Set([...this.#apart].filter((id) => there.has(id)));
    if (this.#end !== null && !there.has(this.#end)) this.#end = null;
    const kept = [...this.#ids].filter((id) => there.has(id));
    if (kept.length < this.#ids.size) this.#become(new Set(kept));
  }

  clear(): void {
    if (this.#ids.size === 0 && this.#end === null) return;
    this.#anchor = null;
    this.#end = null;
    this.#apart = NOTHING;
    this.#become(NOTHING);
  }

  #become(ids: ReadonlySet<Id>): void {
    this.#ids = ids.size === 0 ? NOTHING : ids;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
