import type { CannedResponse } from "@partyline/kit/api";
import { describe, expect, it } from "vitest";
import { firstLine, fuzzy, ranked, readableName, slashQuery, withPlaces } from "./model.ts";

function response(name: string, shortcut: string | null, text = "…", uses = 0): CannedResponse {
  return {
    id: `canned_${name}`,
    scope: "workspace",
    team_id: null,
    name,
    shortcut,
    text,
    subject: null,
    html: null,
    attachments: [],
    uses,
    used_at: null,
    warnings: [],
    created_at: "2026-11-30T09:00:00Z",
    updated_at: "2026-11-30T09:00:00Z",
  };
}

describe("a slash", () => {
  it.each([
    ["/", 1, ""],
    ["/ho", 3, "ho"],
    ["/hours", 3, "ho"],
    ["Hi /öff-1", 9, "öff-1"],
    ["Hi\n/ho", 6, "ho"],
    ["and/or", 6, null],
    ["1/2", 3, null],
    ["https://a", 9, null],
    ["//", 2, null],
    ["/ho urs", 7, null],
    ["/ho", 0, null],
    ["", 0, null],
    [`/${"x".repeat(33)}`, 34, null],
  ])("%j at %i asks for %j", (text, caret, query) => expect(slashQuery(text, caret)).toBe(query));
});

describe("what was typed", () => {
  const all = [
    response("Office hours", "hours", "We are open"),
    response("House rules", "rules", "No smoking"),
    response("A technician comes", "visit", "Hi, on Monday"),
    response("How to pay", null, "In the portal"),
  ];
  const names = (typed: string) => ranked(all, typed).map(({ name }) => name);
  it("finds by shortcut first, then by name, then by how the text begins", () => {
    expect(names("hours")[0]).toBe("Office hours");
    expect(names("ho").slice(0, 3)).toEqual(["Office hours", "How to pay", "House rules"]);
    expect(names("hr")[0]).toBe("Office hours");
    expect(names("tc")).toEqual(["A technician comes"]);
    expect(names("portal")).toEqual(["How to pay"]);
    expect(names("xyz")).toEqual([]);
    expect(names("VISIT")[0]).toBe("A technician comes");
  });
  it("finds all at first, the most used before the others", () => {
    const used = [response("b", null), response("a", null, "…", 5)];
    expect(ranked(used, "").map(({ name }) => name)).toEqual(["a", "b"]);
    expect(
      ranked(
        Array.from({ length: 40 }, (_, at) => response(`r${at}`, null)),
        "",
      ),
    ).toHaveLength(8);
  });
  it("counts words begun and letters in a row for more", () => {
    expect(fuzzy("Office hours", "oh")).toBeGreaterThan(fuzzy("Out of the house", "us") ?? 0);
    expect(fuzzy("abc", "acb")).toBeNull();
    expect(fuzzy("abc", "")).not.toBeNull();
  });
});

it("the first line reads as a text does", () => {
  expect(firstLine("\n Hi {{ contact.first_name | default('there') }}, on {{visit.day}}.\nBye")).toBe(
    "Hi there, on [visit day].",
  );
  expect(firstLine("{{ 'as it is' }} {{ a | default('') }}!")).toBe("{{ 'as it is' }} !");
  expect(firstLine("")).toBe("");
});

it("a name of a place is readable", () => {
  expect(readableName("visit.day_of_week")).toBe("Visit day of week");
  expect(readableName("")).toBe("");
});

it("open places are told apart from the text around them", () => {
  const parts = withPlaces("On {{ day }} at {{ hour }} or {{ day }}{{ x }}", [{ name: "day" }, { name: "hour" }]);
  expect(parts.filter(({ place }) => place).map(({ text }) => text)).toEqual(["{{ day }}", "{{ hour }}", "{{ day }}"]);
  expect(parts.map(({ text }) => text).join("")).toBe("On {{ day }} at {{ hour }} or {{ day }}{{ x }}");
  expect(withPlaces("", [{ name: "a" }])).toEqual([]);
});
