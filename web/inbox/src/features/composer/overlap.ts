export type Piece = { text: string; shared: boolean };

/** Fewer words in a row are chance. */
const RUN = 3;

/** Cuts both texts where at least three words in a row stand in each, whatever their case and punctuation. */
export function sharedWords(a: string, b: string): [Piece[], Piece[]] {
  const [left, right] = [tokens(a), tokens(b)];
  return [pieces(a, left, marked(left, right)), pieces(b, right, marked(right, left))];
}

type Token = { word: string; from: number; to: number };

function tokens(text: string): Token[] {
  return [...text.matchAll(/[\p{L}\p{N}]+(?:['’][\p{L}]+)*/gu)].map((match) => ({
    word: match[0].toLowerCase(),
    from: match.index,
    to: match.index + match[0].length,
  }));
}

function marked(own: Token[], other: Token[]): Set<number> {
  const runs = new Set(other.map((_, at) => runAt(other, at)).filter((run) => run !== null));
  const hits = new Set<number>();
  own.forEach((_, at) => {
    if (runs.has(runAt(own, at) ?? "")) for (let step = 0; step < RUN; step += 1) hits.add(at + step);
  });
  return hits;
}

function runAt(list: Token[], at: number): string | null {
  return at + RUN > list.length
    ? null
    : list
        .slice(at, at + RUN)
        .map(({ word }) => word)
        .join(" ");
}

function pieces(text: string, list: Token[], hits: Set<number>): Piece[] {
  const result: Piece[] = [];
  let from = 0;
  let at = 0;
  while (at < list.length) {
    if (!hits.has(at)) {
      at += 1;
      continue;
    }
    let end = at;
    while (hits.has(end + 1)) end += 1;
    const [first, last] = [list[at], list[end]];
    if (!first || !last) break;
    if (first.from > from) result.push({ text: text.slice(from, first.from), shared: false });
    result.push({ text: text.slice(first.from, last.to), shared: true });
    from = last.to;
    at = end + 1;
  }
  if (from < text.length) result.push({ text: text.slice(from), shared: false });
  return result;
}
