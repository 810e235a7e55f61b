import { describe, expect, it } from "vitest";
import { neighbour, parsePlace, placePath, wholePage } from "./place.ts";

describe("the place in the address", () => {
  it("reads back what it writes", () => {
    for (const place of [
      { team: null, view: "mine", conversation: null },
      { team: "team_1", view: "all", conversation: "conv_2" },
      { team: null, view: "closed", conversation: "conv_3" },
      { team: "team_1", view: "snoozed", conversation: null },
      { team: null, view: "spam", conversation: "conv_4" },
      { team: null, view: "trash", conversation: null },
      { team: null, view: "mentions", conversation: null },
      { team: null, view: "label_1", conversation: "conv_5" },
    ] as const) {
      expect(parsePlace(placePath(place))).toEqual(place);
    }
  });

  it("can be a page that is no list of conversations", () => {
    expect(["/tasks", "/scheduled", "/sent", "/mine", "/sent/conv_1"].map(wholePage)).toEqual([
      "tasks",
      "scheduled",
      "sent",
      null,
      null,
    ]);
  });

  it("is home for anything it does not know", () => {
    for (const path of ["/", "/nowhere", "/team/team_1/nowhere", "/team", "//"])
      expect(parsePlace(path).view).toBe("all");
    expect(parsePlace("/mine/../x").conversation).toBeNull();
  });
});

describe("the selection after a close", () => {
  it("goes to the next row, at the end to the one before, and to none when the list is empty", () => {
    expect(neighbour(["a", "b", "c"], "b")).toBe("c");
    expect(neighbour(["a", "b", "c"], "c")).toBe("b");
    expect(neighbour(["a"], "a")).toBeNull();
  });
});
