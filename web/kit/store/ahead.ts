import type { Id } from "../api/types.ts";
import type { Desk } from "./desk.ts";
import type { Loader } from "./loader.ts";

/** Conversations after the open one, on the way that somebody goes, whose threads are brought before they are asked for. */
const ONWARD = 3;
/** The same behind it. */
const BACK = 1;
/** Threads that are under way at once: what is opened must not wait behind them. */
const AT_ONCE = 2;

/** Down a list or up. */
export type Way = 1 | -1;

/** What stands beside the open conversation in the order of a list, the likeliest first; with none open, where it begins. */
export function beside(ids: readonly Id[], open: Id | null, way: Way): Id[] {
  const at = open === null ? -1 : ids.indexOf(open);
  if (open !== null && at < 0) return [];
  const steps = [...numbers(ONWARD).map((step) => step * way), ...numbers(BACK).map((step) => -step * way)];
  return steps.flatMap((step) => ids[at + step] ?? []);
}

function numbers(most: number): number[] {
  return Array.from({ length: most }, (_, at) => at + 1);
}

/**
 * Brings the threads that somebody is likely to open next, so that a key finds them here. It only reads: nothing is marked as seen and
 * nobody is told of it. The log keeps what was brought as it keeps any thread.
 */
export class Ahead {
  #desk: Desk;
  #loader: Loader;
  #wanted: Id[] = [];
  #underWay = 0;

  constructor(desk: Desk, loader: Loader) {
    this.#desk = desk;
    this.#loader = loader;
  }

  /** Wants these and no others: what was wanted before and has not begun is forgotten. */
  want(ids: readonly Id[]): void {
    this.#wanted = ids.filter((id) => this.#desk.thread(id)?.state !== "ready");
    this.#go();
  }

  #go(): void {
    while (this.#underWay < AT_ONCE) {
      const next = this.#wanted.shift();
      if (next === undefined) return;
      this.#underWay += 1;
      void this.#loader.thread(next, "newest").finally(() => {
        this.#underWay -= 1;
        this.#go();
      });
    }
  }
}
