import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { match } from "./score.ts";

describe("the palette's matcher", () => {
  it("finds words by their beginnings, in any order", () => {
    expect(match("Assign to Priya Nair", "assign pri")).not.toBeNull();
    expect(match("Assign to Priya Nair", "pri assign")).not.toBeNull();
    expect(match("Assign to Priya Nair", "sign")).toBeNull();
    expect(match("Maya Lindqvist (415) 555-0142", "0142")).not.toBeNull();
  });
  it("prefers what begins with it", () => {
    expect(match("Close", "cl")?.score).toBeGreaterThan(match("Go to Closed", "cl")?.score ?? Infinity);
  });
  it("loses no character when it marks", () => {
    assert(
      property(
        string(),
        string(),
        (text, typed) =>
          (match(text, typed)
            ?.parts.map((part) => part.text)
            .join("") ?? text) === text,
      ),
    );
  });
});
