import type { Hit, SearchTerm } from "@partyline/kit/api";
import { describe, expect, it, test } from "vitest";
import {
  monthTerms,
  grouped,
  markedParts,
  marksInReadable,
  partsOf,
  quoted,
  unfinished,
  withoutTerm,
  withoutTerms,
  withTerm,
} from "./query.ts";

function term(q: string, text: string, operator: string | null): SearchTerm {
  const from = q.indexOf(text);
  return {
    kind: operator === null ? "word" : "operator",
    operator,
    value: text,
    prefix: false,
    negated: false,
    text,
    span: [from, from + text.length],
  };
}

function hit(conversation: string, entry: string): Hit {
  return { conversation: { id: conversation }, entry: { id: entry } } as Hit;
}

test("a term is put in once and taken out with its space", () => {
  expect(withTerm("", "is:open")).toBe("is:open");
  expect(withTerm("heater ", "is:open")).toBe("is:open heater");
  expect(withTerm("heater IS:open", "is:open")).toBe("heater IS:open");
  const q = 'water in:"far west" heater';
  expect(withoutTerm(q, term(q, 'in:"far west"', "in"))).toBe("water heater");
});

test("operators are cut out of what is being written as long as they stand where they stood", () => {
  const q = "in:west heater";
  const terms = [term(q, "in:west", "in"), term(q, "heater", null)];
  expect(partsOf(`${q}s`, q, terms)).toEqual([
    { text: "in:west", operator: true },
    { text: " heaters", operator: false },
  ]);
  expect(partsOf("in:wester", q, terms)).toEqual([{ text: "in:wester", operator: false }]);
  expect(partsOf("", q, terms)).toEqual([]);
});

test("a number that people read is marked where the stored one was found", () => {
  expect(marksInReadable("+14155550142", "(415) 555-0142", [[8, 12]])).toEqual([[10, 14]]);
  expect(marksInReadable("+14155550142", "(415) 555-0142", [[0, 5]])).toEqual([[1, 4]]);
  expect(marksInReadable("+14155550142", "(415) 555-0142", [[0, 2]])).toEqual([]);
  expect(marksInReadable("dana@example.com", "dana@example.com", [[0, 4]])).toEqual([]);
});

test("a value is quoted where it has to be", () => {
  expect(quoted("west")).toBe("west");
  expect(quoted('far "west"')).toBe(String.raw`"far \"west\""`);
});

test("a text is cut at its marks, and hits of a conversation come together", () => {
  expect(markedParts("a water heater", [[2, 14]])).toEqual([
    { text: "a ", hit: false },
    { text: "water heater", hit: true },
  ]);
  const groups = grouped([hit("a", "1"), hit("b", "2"), hit("a", "3")]);
  expect(groups.map(({ conversation, hits }) => [conversation, hits.length])).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
});

test("a tick takes its terms out again, wherever they stand", () => {
  const q = "after:2026-11-01 heater before:2026-12-01 leak";
  const at = (text: string): [number, number] => [q.indexOf(text), q.indexOf(text) + text.length];
  const made = (text: string, operator: string | null) =>
    ({ text, operator, value: text, kind: "operator", negated: false, prefix: false, span: at(text) }) as SearchTerm;
  const all = [
    made("after:2026-11-01", "after"),
    made("heater", null),
    made("before:2026-12-01", "before"),
    made("leak", null),
  ];
  expect(withoutTerms(q, all, monthTerms("2026-11"))).toBe("heater leak");
  expect(withoutTerms(q, all, ["AFTER:2026-11-01"])).toBe("heater before:2026-12-01 leak");
  expect(withoutTerms(q, all, [])).toBe(q);
  expect(monthTerms("2026-12")).toEqual(["after:2026-12-01", "before:2027-01-01"]);
});

describe("what is being typed", () => {
  it("looks for the beginning of its last word, once that says something", () => {
    expect(unfinished("water hea ")).toBe("water hea*");
    expect(unfinished("Café")).toBe("Café*");
    expect(unfinished("we")).toBe("we");
  });
  it("is left alone where an operator or a phrase is being written", () => {
    for (const text of ["is:open", "label:lea", '"water hea', "", "leak*", "a-leak"])
      expect(unfinished(text)).toBe(text);
  });
});
