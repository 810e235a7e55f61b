import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseInline, parseMarkdown, plainWords, type Block, type Inline } from "./markdown.ts";

/** As it would stand in a document, for reading here. */
function shown(inside: readonly Inline[]): string {
  return inside
    .map((part) => {
      if (part.kind === "text") return part.text;
      if (part.kind === "code") return `<code>${part.text}</code>`;
      if (part.kind === "mention") return `<${part.id}>${part.name}</>`;
      const tag = part.kind === "link" ? `a ${part.href}` : part.kind;
      return `<${tag}>${shown(part.inside)}</>`;
    })
    .join("");
}

/** Only the words of it. */
function words(inside: readonly Inline[]): string {
  return inside
    .map((part) => (part.kind === "mention" ? part.name : "inside" in part ? words(part.inside) : part.text))
    .join("");
}

function wordsOf(blocks: readonly Block[]): string {
  return blocks
    .map((block) => {
      if (block.kind === "list") return block.items.map(words).join("");
      return block.kind === "code" ? block.text : words(block.inside);
    })
    .join("");
}

function links(inside: readonly Inline[]): string[] {
  return inside.flatMap((part) => [
    ...(part.kind === "link" ? [part.href] : []),
    ...("inside" in part ? links(part.inside) : []),
  ]);
}

function depth(inside: readonly Inline[]): number {
  return Math.max(0, ...inside.map((part) => ("inside" in part ? 1 + depth(part.inside) : 0)));
}

describe("what stands in a line", () => {
  it.each([
    ["a **b** c", "a <bold>b</> c"],
    ["*a* and _b_", "<italic>a</> and <italic>b</>"],
    ["***a***", "<bold><italic>a</></>"],
    ["**a *b* c**", "<bold>a <italic>b</> c</>"],
    ["`a **b**` c", "<code>a **b**</code> c"],
    ["@[Ana Ruiz](user_01) look, @[West](team_02)", "<user_01>Ana Ruiz</> look, <team_02>West</>"],
    ["**@[Ana](user_01)**", "<bold><user_01>Ana</></>"],
    ["[the form](https://a.test/x?y=1) please", "<a https://a.test/x?y=1>the form</> please"],
    ["[**b**](http://a.test)", "<a http://a.test><bold>b</></>"],
    ["see https://a.test/x.", "see <a https://a.test/x>https://a.test/x</>."],
    ["[https://a.test](https://b.test)", "<a https://b.test>https://a.test</>"],
    ["[see https://a.test", "[see <a https://a.test>https://a.test</>"],
    ["(http://a.test)", "(<a http://a.test>http://a.test</>)"],
    ["a\nb", "a\nb"],
  ])("reads %s", (text, expected) => {
    expect(shown(parseInline(text))).toBe(expected);
  });

  it.each([
    "2 * 3 * 4",
    "snake_case_name and _open",
    "**open and *open",
    "** a **",
    "****",
    "a `b",
    "``",
    "[a](javascript:alert(1))",
    "[a](data:text/html,x)",
    "[a](//elsewhere.test)",
    "[](https://a.test)",
    "[a] (https://a.test)",
    "@[Ana](label_01)",
    "mail me @ six",
    "<b>bold</b> &amp; <script>alert(1)</script>",
    "\\*",
  ])("leaves %s as it is", (text) => {
    const read = parseInline(text);
    expect(words(read)).toBe(text);
    expect(read.every(({ kind }) => kind === "text" || kind === "link")).toBe(true);
    expect(links(read).every((href) => href === "https://a.test")).toBe(true);
  });
});

describe("blocks", () => {
  it("are paragraphs, quotes, lists and code", () => {
    const text = "First\nline\n\n> said\n> so\n- one\n- **two**\n3. three\n4) four\n```\n**x**\n\ny\n```\nlast";
    const blocks = parseMarkdown(text);
    expect(blocks.map(({ kind }) => kind)).toEqual(["paragraph", "quote", "list", "list", "code", "paragraph"]);
    expect(blocks[0]).toMatchObject({ inside: [{ text: "First\nline" }] });
    expect(blocks[1]).toMatchObject({ inside: [{ text: "said\nso" }] });
    expect(blocks[2]).toMatchObject({ ordered: false, items: [[{ text: "one" }], [{ kind: "bold" }]] });
    expect(blocks[3]).toMatchObject({ ordered: true, start: 3, items: [[{ text: "three" }], [{ text: "four" }]] });
    expect(blocks[4]).toMatchObject({ text: "**x**\n\ny" });
  });

  it("of code last to the end where nothing ends them", () => {
    expect(parseMarkdown("```js\na\nb")).toEqual([{ kind: "code", text: "a\nb" }]);
  });
});

describe("a note in a list", () => {
  it("is its words, on one line", () => {
    expect(plainWords("@[Ana](user_1) **call**\nthem:\n\n- [today](https://a.test)\n- `now`")).toBe(
      "@Ana call them: today, now",
    );
  });
});

function only(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** Much of what means something, in any order. */
const marked = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ..."*_`[]()@>\n #-+1.:/<&\\".split(""),
        "**",
        "](",
        "](https://a.test)",
        "https://",
        "javascript:",
        "@[A](user_1)",
        "```",
        "- ",
        "> ",
      ),
      fc.string({ unit: "grapheme", maxLength: 4 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(""));

describe("whatever is written", () => {
  it("loses no word and gains none", () => {
    fc.assert(
      fc.property(marked, (text) => {
        const left = only(wordsOf(parseMarkdown(text)));
        // what a mark holds (an address, an id, the language of code, the number of a list) is not a word of the text
        let from = 0;
        for (const character of left) {
          from = only(text).indexOf(character, from) + 1;
          expect(from).toBeGreaterThan(0);
        }
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (any) => {
        const text = only(any);
        expect(wordsOf(parseMarkdown(text))).toBe(text);
      }),
    );
  });

  it("links to web pages alone, and nests no deeper than there are marks", () => {
    fc.assert(
      fc.property(marked, (text) => {
        const inside = parseMarkdown(text).flatMap((block) =>
          block.kind === "list" ? block.items.flat() : block.kind === "code" ? [] : block.inside,
        );
        for (const href of links(inside)) expect(href).toMatch(/^https?:\/\/./);
        expect(depth(inside)).toBeLessThanOrEqual(5);
      }),
    );
  });

  it("is read in time that grows with its length", () => {
    const LENGTH = 200_000;
    /** Generous: a read that tries every end for every beginning takes minutes. */
    const MOST_MS = 2_000;
    for (const piece of [
      "*",
      "**a",
      "_a ",
      "*a **b _c __d ",
      "[",
      "](",
      "[a](",
      "[a](http://",
      "`",
      "a`",
      "@[",
      "http://",
      "> ",
      "- ",
      "\n",
      "```\n",
      "1. ",
      "[a]*",
    ]) {
      const text = piece.repeat(LENGTH / piece.length);
      const from = performance.now();
      parseMarkdown(text);
      expect(performance.now() - from, piece).toBeLessThan(MOST_MS);
    }
  });
});
