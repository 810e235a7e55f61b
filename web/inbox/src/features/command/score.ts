export type Hit = {
  score: number /** Parts of the text, with what was typed marked. */;
  parts: { text: string; hit: boolean }[];
};

/**
 * How well `text` answers what was typed: each word must begin a word of the text. Null where it does not.
 * Earlier and closer words score higher; marks follow the letters typed.
 */
export function match(text: string, typed: string): Hit | null {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const lower = text.toLowerCase();
  const spots: [number, number][] = [];
  let score = 0;
  for (const word of words) {
    const at = wordStart(lower, word);
    if (at < 0) return null;
    spots.push([at, at + word.length]);
    score += 100 - Math.min(at, 90) + (at === 0 ? 20 : 0);
  }
  return {
    score: score - text.length / 100,
    parts: cut(
      text,
      spots.toSorted((a, b) => a[0] - b[0]),
    ),
  };
}

function wordStart(text: string, word: string): number {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1] ?? "")) return at;
  }
  return -1;
}

function cut(text: string, spots: [number, number][]): Hit["parts"] {
  const parts: Hit["parts"] = [];
  let from = 0;
  for (const [start, end] of spots) {
    if (start < from) continue;
    if (start > from) parts.push({ text: text.slice(from, start), hit: false });
    parts.push({ text: text.slice(start, end), hit: true });
    from = end;
  }
  if (from < text.length) parts.push({ text: text.slice(from), hit: false });
  return parts;
}
