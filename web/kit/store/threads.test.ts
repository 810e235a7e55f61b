import { expect, test } from "vitest";
import type { Entry } from "../api/types.ts";
import { Thread, type ThreadPage } from "./threads.ts";

const entry = (n: number) =>
  ({ id: `msg_${String(n).padStart(3, "0")}`, at: new Date(n * 1_000).toISOString(), type: "message" }) as Entry;

/** Entries from `from` down to `to`, newest first, and whether it goes on to either side. */
function page(from: number, to: number, newer = false, older = true): ThreadPage {
  const data = Array.from({ length: from - to + 1 }, (_, at) => entry(from - at));
  return { data, next_cursor: older ? `before ${to}` : null, newer_cursor: newer ? `after ${from}` : null };
}

function held(thread: Thread) {
  const { entries, more, newer } = thread.snapshot();
  const numbers = entries.map(({ id }) => Number(id.slice(4)));
  return {
    from: numbers[0],
    to: numbers.at(-1),
    holes: numbers.some((n, at) => n !== (numbers[0] ?? 0) + at),
    more,
    newer,
  };
}

test("a thread that is read around an entry goes on to both sides until it meets the newest", () => {
  const thread = new Thread();
  thread.page(page(60, 40, true), 1, "around");
  expect(held(thread)).toEqual({ from: 40, to: 60, holes: false, more: true, newer: true });
  thread.page({ ...page(80, 61), next_cursor: null, newer_cursor: "after 80" }, 1, "newer");
  expect(held(thread)).toEqual({ from: 40, to: 80, holes: false, more: true, newer: true });
  thread.page(page(39, 20), 1, "older");
  expect([thread.cursor, thread.newer]).toEqual(["before 20", "after 80"]);
  thread.page({ ...page(99, 81), next_cursor: null }, 1, "newer");
  expect(held(thread)).toEqual({ from: 20, to: 99, holes: false, more: true, newer: false });
});

test("what comes meanwhile is left to its page, and what is held is kept up to date", () => {
  const thread = new Thread();
  thread.page(page(60, 40, true), 1, "around");
  expect(thread.isBeyond(entry(100))).toBe(true);
  expect(thread.isBeyond(entry(39))).toBe(true);
  expect(thread.isBeyond(entry(60))).toBe(false);
  expect(thread.isBeyond(entry(50))).toBe(false);
  thread.page(page(100, 60), 1, "newest");
  expect(held(thread)).toEqual({ from: 40, to: 100, holes: false, more: true, newer: false });
  expect(thread.isBeyond(entry(101))).toBe(false);
});

test("a page elsewhere is all that is held, and there is never a hole", () => {
  const thread = new Thread();
  thread.page(page(100, 80), 1, "newest");
  thread.page(page(30, 10, true), 1, "around");
  expect(held(thread)).toEqual({ from: 10, to: 30, holes: false, more: true, newer: true });
  thread.page(page(45, 25, true), 1, "around");
  expect(held(thread)).toEqual({ from: 10, to: 45, holes: false, more: true, newer: true });
  expect([thread.cursor, thread.newer]).toEqual(["before 10", "after 45"]);
  thread.page(page(20, 1, true, false), 1, "around");
  expect([thread.cursor, thread.newer]).toEqual([null, "after 45"]);
  thread.page(page(100, 80), 1, "newest");
  expect(held(thread)).toEqual({ from: 80, to: 100, holes: false, more: true, newer: false });
});
