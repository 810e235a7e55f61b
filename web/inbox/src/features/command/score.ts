export type Hit = {
  score: number /** Parts of the text, with what was typed marked. */;
  parts: { text: string; hit: boolean }[];
};

/** Fewer letters than this are looked for as they stand: scattered ones would be found in everything. */
const FUZZY_FROM = 3;
/** What letters that lie apart cost, against a word that begins so. */
const APART = 80;

/**
 * How well `text` answers what was typed. Each word must begin a word of the text; failing that, its letters must stand there in
 * order, the first one and what comes after each gap at the beginning of a word or right after one another ("asgn pri" finds "Assign
 * to Priya"). Null where it does not. Earlier and closer words score higher; marks follow the letters typed.
 */
export function match(text: string, typed: string): Hit | null {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const lower = text.toLowerCase();
  const spots: Spot[] = [];
  let score = 0;
  for (const word of words) {
    const at = wordStart(lower, word);
    if (at >= 0) {
      spots.push([at, at + word.length]);
      score += 100 - Math.min(at, 90) + (at === 0 ? 20 : 0);
      continue;
    }
    const apart = word.length < FUZZY_FROM ? null : scattered(lower, word);
    if (apart === null) return null;
    spots.push(...apart);
    score += 100 - APART - Math.min(apart.length, 10);
  }
  return {
    score: score - text.length / 100,
    parts: cut(
      text,
      spots.toSorted((a, b) => a[0] - b[0]),
    ),
  };
}

/** Of a text, the first character and after the last. */
type Spot = [number, number];

function isStart(text: string, at: number): boolean {
  return at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1] ?? "");
}

function wordStart(text: string, word: string): number {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) if (isStart(text, at)) return at;
  return -1;
}

/** The letters of a word in one word of the text, in order, the first at its beginning; or each at the beginning of a word. */
function scattered(text: string, word: string): Spot[] | null {
  for (let at = text.indexOf(word[0] ?? ""); at >= 0; at = text.indexOf(word[0] ?? "", at + 1)) {
    if (!isStart(text, at)) continue;
    const spots = within(text, word, at) ?? initials(text, word, at);
    if (spots) return spots;
  }
  return null;
}

function within(text: string, word: string, from: number): Spot[] | null {
  const spots: Spot[] = [];
  let at = from;
  for (const letter of word) {
    while (at < text.length && text[at] !== letter && (at === from || !isStart(text, at))) at += 1;
    if (text[at] !== letter || (at > from && isStart(text, at))) return null;
    spots.push([at, at + 1]);
    at += 1;
  }
  return joined(spots);
}

function initials(text: string, word: string, from: number): Spot[] | null {
  const spots: Spot[] = [];
  let at = from;
  for (const letter of word) {
    while (at < text.length && !(text[at] === letter && isStart(text, at))) at += 1;
    if (at >= text.length) return null;
    spots.push([at, at + 1]);
    at += 1;
  }
  return spots;
}

/** Those that touch as one. */
function joined(spots: readonly Spot[]): Spot[] {
  const found: Spot[] = [];
  for (const [from, to] of spots) {
    const last = found.at(-1);
    if (last?.[1] === from) last[1] = to;
    else found.push([from, to]);
  }
  return found;
}

function cut(text: string, spots: Spot[]): Hit["parts"] {
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
