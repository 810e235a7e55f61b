import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { marked, mentioned, mentionQuery, moved, suggested, unmarked, wrapped, type Chosen } from "./mentions.ts";

const known = [
  { id: "user_1", name: "Ana" },
  { id: "user_2", name: "Ana Ruiz" },
  { id: "user_3", name: "Sam Park" },
  { id: "user_4", name: "Sam Park" },
  { id: "team_1", name: "West" },
];

/** What is being typed at the end of the text. */
function queryAt(text: string): string | null {
  return mentionQuery({ text, mentions: [] }, text.length);
}

describe("mentions", () => {
  it("are who was chosen, also where two are called the same", () => {
    const typed = { text: "ask @sam", mentions: [] };
    expect(mentionQuery(typed, 8)).toBe("sam");
    const [, second] = suggested("sam", known);
    const { note, caret } = mentioned(typed, 8, "sam", second ?? { id: "", name: "" });
    expect(note.text.slice(0, caret)).toBe("ask @Sam Park ");
    expect(marked(note, known)).toBe("ask @[Sam Park](user_4) ");
    expect(mentionQuery(note, 13)).toBeNull();
  });

  it("are names that were written out, where they are one person's or one team's", () => {
    expect(marked({ text: "@Ana Ruiz and @Ana, @West, @Sam Park, mail a@West", mentions: [] }, known)).toBe(
      "@[Ana Ruiz](user_2) and @[Ana](user_1), @[West](team_1), @Sam Park, mail a@West",
    );
  });

  it("come back as they were written, under the names of today", () => {
    const note = unmarked("(@[Old](user_3)) and @[Gone](user_9): **@[West](team_1)** @[x](label_1)", known);
    expect(note.text).toBe("(@Sam Park) and @Gone: **@West** @[x](label_1)");
    expect(marked(note, known)).toBe("(@[Sam Park](user_3)) and @[Gone](user_9): **@[West](team_1)** @[x](label_1)");
  });

  it("move with the text around them, and are words once they are changed", () => {
    const text = "hi @Ana Ruiz!";
    const at: Chosen[] = [{ at: 3, id: "user_2", name: "Ana Ruiz" }];
    expect(moved(text, "oh, hi @Ana Ruiz!", at)).toMatchObject([{ at: 7 }]);
    expect(moved(text, "hi @Ana Ruiz! Look", at)).toMatchObject([{ at: 3 }]);
    expect(moved(text, "@Ana Ruiz!", at)).toMatchObject([{ at: 0 }]);
    expect(moved(text, "hi @Ana Rui!", at)).toEqual([]);
    expect(moved(text, "hi ", at)).toEqual([]);
  });

  it("stand where their names stand, whatever is typed or cut around them", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(6), fc.string({ maxLength: 5 })), { maxLength: 20 }), (edits) => {
        let { text, mentions } = unmarked("@[Ana](user_1) x @[West](team_1) y @[Ana](user_2)", []);
        for (const [place, cut, typed] of edits) {
          const at = place % (text.length + 1);
          const next = text.slice(0, at) + typed + text.slice(at + cut);
          mentions = moved(text, next, mentions);
          text = next;
          for (const { at: there, name } of mentions) expect(text.startsWith(`@${name}`, there)).toBe(true);
        }
      }),
    );
  });

  it("are looked for after an @ at the start of a word", () => {
    expect(queryAt("ask @an")).toBe("an");
    expect(queryAt("(@")).toBe("");
    expect(queryAt("@ana ru")).toBe("ana ru");
    expect(queryAt("mail a@b")).toBeNull();
    expect(suggested("ru", known).map(({ id }) => id)).toEqual(["user_2"]);
    expect(suggested("", known)).toHaveLength(5);
  });
});

describe("Ctrl+B", () => {
  it("puts its mark around what is selected, and takes it away again", () => {
    const bold = wrapped("a b c", 2, 3, "**");
    expect(bold).toEqual({ text: "a **b** c", from: 4, to: 5 });
    expect(wrapped(bold.text, bold.from, bold.to, "**")).toEqual({ text: "a b c", from: 2, to: 3 });
    expect(wrapped(bold.text, bold.from, bold.to, "*").text).toBe("a ***b*** c");
    expect(wrapped("", 0, 0, "*")).toEqual({ text: "**", from: 1, to: 1 });
  });
});
