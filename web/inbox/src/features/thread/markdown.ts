/** A safe part of Markdown, as data: there is no HTML in it, and nothing that a browser would run. */
export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "bold" | "italic"; inside: Inline[] }
  | { kind: "link"; href: string; inside: Inline[] }
  | { kind: "mention"; id: string; name: string };

export type Block =
  | { kind: "paragraph" | "quote"; inside: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "list"; ordered: boolean; start: number; items: Inline[][] };

/** The words of a note on one line, for lists. */
export function plainWords(text: string): string {
  const words = (inside: readonly Inline[]): string =>
    inside
      .map((part) => (part.kind === "mention" ? `@${part.name}` : "inside" in part ? words(part.inside) : part.text))
      .join("");
  const lines = parseMarkdown(text).map((block) => {
    if (block.kind === "list") return block.items.map(words).join(", ");
    return block.kind === "code" ? block.text : words(block.inside);
  });
  return lines.join(" ").replaceAll(/\s+/g, " ").trim();
}

const FENCE = /^ {0,3}```/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^ {0,8}(?:[-*+]|(\d{1,9})[.)]) +(?=\S)/;

/** Reads a note. Its time grows with the length of the text, whatever that holds. */
export function parseMarkdown(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split("\n");
  let at = 0;
  /** The lines from here on that have the mark, without it. */
  const run = (mark: RegExp): string[] => {
    const found: string[] = [];
    for (; at < lines.length && mark.test(lines[at] ?? ""); at += 1) found.push((lines[at] ?? "").replace(mark, ""));
    return found;
  };
  while (at < lines.length) {
    const line = lines[at] ?? "";
    const item = ITEM.exec(line);
    if (line.trim() === "") at += 1;
    else if (FENCE.test(line)) {
      let to = at + 1;
      while (to < lines.length && !FENCE.test(lines[to] ?? "")) to += 1;
      blocks.push({ kind: "code", text: lines.slice(at + 1, to).join("\n") });
      at = to + 1;
    } else if (QUOTE.test(line)) blocks.push({ kind: "quote", inside: parseInline(run(QUOTE).join("\n")) });
    else if (item) {
      const ordered = item[1] !== undefined;
      const items: string[] = [];
      for (; at < lines.length; at += 1) {
        const next = ITEM.exec(lines[at] ?? "");
        if (!next || (next[1] !== undefined) !== ordered) break;
        items.push((lines[at] ?? "").slice(next[0].length));
      }
      blocks.push({ kind: "list", ordered, start: Number(item[1] ?? 1), items: items.map(parseInline) });
    } else {
      const from = at;
      do at += 1;
      while (at < lines.length && !begins(lines[at] ?? ""));
      blocks.push({ kind: "paragraph", inside: parseInline(lines.slice(from, at).join("\n")) });
    }
  }
  return blocks;
}

/** Does something other than the paragraph above begin with this line? */
function begins(line: string): boolean {
  return line.trim() === "" || FENCE.test(line) || QUOTE.test(line) || ITEM.test(line);
}

const MENTION = /@\[([^\]\n]{1,100})\]\(((?:user|team)_[0-9a-z]{1,40})\)/y;
const ADDRESS = /https?:\/\/[^\s<>"`[\]]+/y;
/** What follows "[words" of a link. No bracket inside: so no two ends read the same characters. */
const LINK_END = /\]\((https?:\/\/[^\s<>"()[\]]{1,2000})\)/y;
const AFTER_ADDRESS = new Set(".,;:!?)]}’”'*_");
const MARKS: Record<string, "bold" | "italic"> = { "**": "bold", "*": "italic", __: "bold", _: "italic" };

/** Something that has begun and may end: then what is inside it is bold, italic or a link; else its mark is text. */
type Begun = { mark: string; inside: Inline[] };

/** Reads what stands in one paragraph. */
export function parseInline(text: string): Inline[] {
  const root: Begun = { mark: "", inside: [] };
  /** At most one of each mark: so nothing is nested deeper than there are marks. */
  const open: Begun[] = [root];
  let plain = 0;
  let at = 0;
  let noTicks = false;
  const top = () => open.at(-1) ?? root;
  const put = (...items: Inline[]) => {
    for (const item of items) {
      const last = top().inside.at(-1);
      if (item.kind === "text" && last?.kind === "text") last.text += item.text;
      else if (item.kind !== "text" || item.text !== "") top().inside.push(item);
    }
  };
  const flush = (to: number, next: number) => {
    put({ kind: "text", text: text.slice(plain, to) });
    at = next;
    plain = next;
  };
  /** Takes what is open from there on back to text, the innermost first. */
  const drop = (from: number) => {
    while (open.length > from) {
      const begun = open.pop();
      if (begun) put({ kind: "text", text: begun.mark }, ...begun.inside);
    }
  };
  const begun = (mark: string) => open.findIndex((other) => other.mark === mark);
  const begin = (mark: string) => {
    flush(at, at + mark.length);
    open.push({ mark, inside: [] });
  };
  const end = (index: number, length: number, made: (inside: Inline[]) => Inline) => {
    flush(at, at + length);
    drop(index + 1);
    const inside = open.pop()?.inside ?? [];
    put(made(inside));
  };
  const sticky = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };

  while (at < text.length) {
    const character = text[at] ?? "";
    if (character === "`" && !noTicks) {
      const close = text.indexOf("`", at + 1);
      noTicks = close < 0;
      if (close > at + 1) {
        const code = text.slice(at + 1, close);
        flush(at, close + 1);
        put({ kind: "code", text: code });
      } else at += close < 0 ? 1 : 2;
    } else if (character === "@") {
      const mention = sticky(MENTION);
      if (mention) {
        flush(at, at + mention[0].length);
        put({ kind: "mention", name: mention[1] ?? "", id: mention[2] ?? "" });
      } else at += 1;
    } else if (character === "h" && !isWord(text[at - 1])) {
      const address = sticky(ADDRESS)?.[0];
      if (address) {
        let length = address.length;
        while (AFTER_ADDRESS.has(address[length - 1] ?? "")) length -= 1;
        const href = address.slice(0, length);
        flush(at, at + length);
        put(
          isAddress(href)
            ? { kind: "link", href, inside: [{ kind: "text", text: href }] }
            : { kind: "text", text: href },
        );
      } else at += 1;
    } else if (character === "[") {
      // a later one is nearer to the end
      const before = begun("[");
      if (before >= 0) {
        flush(at, at);
        drop(before);
      }
      begin("[");
    } else if (character === "]") {
      const index = begun("[");
      const link = index < 0 ? null : sticky(LINK_END);
      const href = link?.[1] ?? "";
      const empty = index === open.length - 1 && top().inside.length === 0 && plain === at;
      if (link && !empty && isAddress(href))
        end(index, link[0].length, (inside) => ({ kind: "link", href, inside: unlinked(inside) }));
      else at += 1;
    } else if (character === "*" || character === "_") {
      let length = 1;
      while (text[at + length] === character) length += 1;
      emphasis(character, length);
    } else at += 1;
  }
  flush(at, at);
  drop(1);
  return root.inside;

  /** A run of one mark: it ends what it can, and begins what is left of it. */
  function emphasis(character: string, run: number): void {
    const stop = at + run;
    const [before, after] = [text[at - 1], text[stop]];
    const word = character === "_";
    const ends = before !== undefined && !isSpace(before) && !(word && isWord(after));
    const starts = after !== undefined && !isSpace(after) && !(word && isWord(before));
    if (ends) while (endsOne(character, stop));
    if (starts) while (beginsOne(character, stop));
    at = stop;
  }

  /** Ends the innermost that a mark before `stop` can end. Answers whether there was one. */
  function endsOne(character: string, stop: number): boolean {
    const marks = [character.repeat(2), character].filter((wanted) => at + wanted.length <= stop && begun(wanted) > 0);
    const mark = marks.sort((a, b) => begun(b) - begun(a))[0];
    const kind = MARKS[mark ?? ""];
    if (mark === undefined || kind === undefined) return false;
    const index = begun(mark);
    const filled = index < open.length - 1 || (open[index]?.inside.length ?? 0) > 0 || plain < at;
    if (filled) end(index, mark.length, (inside) => ({ kind, inside }));
    return filled;
  }

  /** Begins the longest that fits before `stop` and has not begun yet. Answers whether there was one. */
  function beginsOne(character: string, stop: number): boolean {
    const mark = [character.repeat(2), character].find((wanted) => at + wanted.length <= stop && begun(wanted) < 0);
    if (mark !== undefined) begin(mark);
    return mark !== undefined;
  }
}

/** A link has no other inside. */
function unlinked(inside: readonly Inline[]): Inline[] {
  return inside.flatMap((part) => {
    if (part.kind === "link") return unlinked(part.inside);
    return part.kind === "bold" || part.kind === "italic" ? { ...part, inside: unlinked(part.inside) } : part;
  });
}

/** Only what a browser opens as a page of the web. */
function isAddress(href: string): boolean {
  try {
    const { protocol, hostname } = new URL(href);
    return (protocol === "https:" || protocol === "http:") && hostname !== "";
  } catch {
    return false;
  }
}

function isSpace(character: string | undefined): boolean {
  return character === undefined || /\s/.test(character);
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}
