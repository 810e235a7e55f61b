import { ApiProblem } from "@partyline/kit/api";
import { describe, expect, it } from "vitest";
import { MOST_PEOPLE, needsSource, outcomeOf, withRecipient, wordFor, type Recipient } from "./recipients.ts";

const person = (n: number): Recipient => ({ number: `+1415555${String(n).padStart(4, "0")}`, name: null });
const problem = (status: number, code: string) => new ApiProblem(status, { code });

describe("several people", () => {
  it("has nobody twice, and no more than fit", () => {
    let people: readonly Recipient[] = [];
    for (let n = 0; n < MOST_PEOPLE + 5; n += 1) people = withRecipient(people, person(n));
    expect(people).toHaveLength(MOST_PEOPLE);
    expect(withRecipient([person(1)], { ...person(1), name: "Dana" })).toEqual([person(1)]);
  });
  it("asks for what the server asks, and is refused what it refuses", () => {
    expect(outcomeOf(new TypeError("no network"))).toEqual({ state: "silent" });
    expect(outcomeOf(problem(503, "busy")).state).toBe("silent");
    expect(outcomeOf(problem(409, "late_reply")).state).toBe("asked");
    expect(outcomeOf(problem(422, "opted_out")).state).toBe("refused");
  });
  it("says what each was told", () => {
    expect(needsSource("reply", ["late_reply"])).toBe(false);
    expect(needsSource("reply", ["late_reply", "first_contact"])).toBe(true);
    expect(needsSource("update", ["late_reply"])).toBe(true);
    expect(needsSource("marketing", ["first_contact"])).toBe(false);
    expect(wordFor("reply", "late_reply", "by phone")).toEqual({ class: "reply", confirm: ["late_reply"] });
    expect(wordFor("reply", "first_contact", "by phone").source).toBe("by phone");
    expect(wordFor("update", "late_reply", "by phone").confirm).toContain("no_consent");
    expect(wordFor("marketing", "first_contact", "by phone")).toEqual({ class: "marketing" });
  });
});
