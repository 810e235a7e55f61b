import type { Conversation } from "@partyline/kit/api";
import { describe, expect, it } from "vitest";
import { itemsOf, sectionOf } from "./sections.ts";

const NOW = Date.UTC(2026, 10, 24, 10);
const waits = (minutes: number | null) =>
  ({ waiting_since: minutes === null ? null : new Date(NOW - minutes * 60_000).toISOString() }) as Conversation;

describe("sections", () => {
  it("follow the target of 30 minutes", () => {
    expect([0, 14, 15, 29, 30, 400, null].map((minutes) => sectionOf(waits(minutes), NOW))).toEqual([
      "waiting",
      "waiting",
      "due",
      "due",
      "over",
      "over",
      "answered",
    ]);
  });

  it("head the rows they hold, with their number", () => {
    const found: Record<string, Conversation> = { a: waits(42), b: waits(31), c: waits(3), d: waits(null) };
    const items = itemsOf(["a", "b", "c", "d"], (id) => found[id], NOW, true);
    expect(items.map((item) => (item.kind === "row" ? item.id : `${item.name} ${item.count}`))).toEqual([
      "over 2",
      "a",
      "b",
      "waiting 1",
      "c",
      "answered 1",
      "d",
    ]);
    expect(itemsOf(["a", "b"], (id) => found[id], NOW, false).map(({ kind }) => kind)).toEqual(["row", "row"]);
    const counted = itemsOf(["a", "d"], (id) => found[id], NOW, true, 40);
    expect(counted.flatMap((item) => (item.kind === "section" ? [`${item.name} ${item.count}`] : []))).toEqual([
      "over 1",
      "answered 39",
    ]);
  });
});
