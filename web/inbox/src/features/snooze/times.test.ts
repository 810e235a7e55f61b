import { describe, expect, it } from "vitest";
import { localValue, snoozeTimes } from "./times.ts";

const ids = (now: Date) => snoozeTimes(now).map(({ id }) => id);

describe("the times that are offered", () => {
  it("are an hour, the evening, tomorrow morning and Monday", () => {
    const now = new Date(2026, 10, 25, 10, 20);
    expect(snoozeTimes(now).map(({ at }) => localValue(at))).toEqual([
      "2026-11-25T11:20",
      "2026-11-25T18:00",
      "2026-11-26T09:00",
      "2026-11-30T09:00",
    ]);
  });

  it("leave out an evening that is nearly there, and a Monday that is tomorrow", () => {
    expect(ids(new Date(2026, 10, 25, 16, 1))).not.toContain("evening");
    expect(ids(new Date(2026, 10, 25, 16, 0))).toContain("evening");
    expect(ids(new Date(2026, 10, 29, 10, 0))).not.toContain("monday");
    // on a Monday it is the next one
    expect(localValue(snoozeTimes(new Date(2026, 10, 30, 8, 0)).at(-1)?.at ?? new Date(0))).toBe("2026-12-07T09:00");
  });

  it("are by the wall clock where it is changed in between", () => {
    const tomorrow = snoozeTimes(new Date(2026, 9, 31, 12, 0)).find(({ id }) => id === "tomorrow");
    expect(tomorrow?.at.getHours()).toBe(9);
  });
});
