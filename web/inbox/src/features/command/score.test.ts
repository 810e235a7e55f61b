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

const marked = (text: string, typed: string) =>
  match(text, typed)
    ?.parts.filter(({ hit }) => hit)
    .map(({ text: part }) => part);

describe("letters that lie apart", () => {
  it("are found within one word, or as the beginnings of several", () => {
    expect(marked("Assign to Priya Nair", "asgn pri")).toEqual(["As", "gn", "Pri"]);
    expect(marked("Mark read or unread", "mrou")).toEqual(["M", "r", "o", "u"]);
    expect(marked("Keyboard shortcuts", "kbd")).toEqual(["K", "b", "d"]);
  });

  it("are not found across words, in the middle of one, or where there are few", () => {
    expect(match("Assign to Priya", "asnp")).toBeNull();
    expect(match("Assign", "sgn")).toBeNull();
    expect(match("Assign", "an")).toBeNull();
  });

  it("stand behind what begins so", () => {
    const [plain, apart] = [match("Close", "clo"), match("Close", "cls")];
    expect(plain?.score).toBeGreaterThan(apart?.score ?? Infinity);
  });
});
