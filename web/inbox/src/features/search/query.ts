import type { Hit, Id, SearchTerm } from "@partyline/kit/api";

/** What a click or a key puts into a query: a term that is there is not put in twice. */
export function withTerm(q: string, term: string): string {
  const text = q.trim();
  const is = text.split(/\s+/).some((word) => word.toLowerCase() === term.toLowerCase());
  if (is) return text;
  return text === "" ? term : `${term} ${text}`;
}

/** The query without a term; `q` is the one in which the term stood. */
export function withoutTerm(q: string, term: SearchTerm): string {
  const [from, to] = spanOf(term);
  return `${q.slice(0, from).trimEnd()} ${q.slice(to).trimStart()}`.trim();
}

/** The query without some terms, as they are written; `terms` are its own. */
export function withoutTerms(q: string, terms: readonly SearchTerm[], gone: readonly string[]): string {
  const isGone = ({ text }: SearchTerm) => gone.some((one) => one.toLowerCase() === text.toLowerCase());
  // from the end, so that what is before stays where it was
  return terms
    .filter(isGone)
    .toSorted((a, b) => spanOf(b)[0] - spanOf(a)[0])
    .reduce(withoutTerm, q);
}

/** The operators that ask for one month: `2026-12` is from its first day to that of the next. */
export function monthTerms(month: string): string[] {
  const [year = 0, number = 0] = month.split("-").map(Number);
  const next = number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, "0")}`;
  return [`after:${month}-01`, `before:${next}-01`];
}

/** Letters from which on the beginning of a word says something; the server would take two. */
const BEGINNING_MIN = 3;

/** What is being typed as a query: the last word may not be whole yet. */
export function unfinished(typed: string): string {
  const text = typed.trim();
  const last = /(?:^|\s)([\p{L}\p{N}]+)$/u.exec(text)?.[1];
  const isWord = last !== undefined && last.length >= BEGINNING_MIN && !/["“”]/.test(text);
  return isWord ? `${text}*` : text;
}

function spanOf({ span: [from = 0, to = 0] }: SearchTerm): [number, number] {
  return [from, to];
}

export type Part = { text: string; operator: boolean };

/** A text cut where operators stand in it. `terms` are those of `q`, from which the text may have gone on: what still stands where it did is one. */
export function partsOf(text: string, q: string, terms: readonly SearchTerm[]): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const term of terms) {
    const [from, to] = spanOf(term);
    const same = text.slice(from, to) === q.slice(from, to) && (to >= text.length || /\s/.test(text[to] ?? ""));
    if (term.operator === null || from < at || !same) continue;
    if (from > at) parts.push({ text: text.slice(at, from), operator: false });
    parts.push({ text: text.slice(from, to), operator: true });
    at = to;
  }
  if (at < text.length) parts.push({ text: text.slice(at), operator: false });
  return parts;
}

/** What is quoted where it has to be. */
export function quoted(value: string): string {
  return /[\s"“”\\]/.test(value) ? `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"` : value;
}

export type Marked = { text: string; hit: boolean };

/** A text cut where something was found in it. */
export function markedParts(text: string, marks: readonly (readonly number[])[]): Marked[] {
  const parts: Marked[] = [];
  let at = 0;
  for (const [from = 0, to = 0] of marks) {
    if (from < at) continue;
    if (from > at) parts.push({ text: text.slice(at, from), hit: false });
    parts.push({ text: text.slice(from, to), hit: true });
    at = to;
  }
  if (at < text.length) parts.push({ text: text.slice(at), hit: false });
  return parts;
}

/** Where the digits of a text stand. */
function digitsOf(text: string): number[] {
  return [...text.matchAll(/\d/g)].map(({ index }) => index);
}

/** The marks of a number as it is stored, in the same number as people read it: digit by digit, from the end. */
export function marksInReadable(stored: string, readable: string, marks: readonly (readonly number[])[]): number[][] {
  const [there, here] = [digitsOf(stored), digitsOf(readable)];
  const before = there.length - here.length;
  return marks.flatMap(([from = 0, to = 0]) => {
    const first = Math.max(0, there.findIndex((at) => at >= from) - before);
    const last = there.findLastIndex((at) => at < to) - before;
    const [start, end] = [here[first], here[last]];
    return start === undefined || end === undefined || end < start ? [] : [[start, end + 1]];
  });
}

export type Group = { conversation: Id; hits: Hit[] };

/** Hits of one conversation together, where its newest stands. */
export function grouped(hits: readonly Hit[]): Group[] {
  const groups = new Map<Id, Group>();
  for (const hit of hits) {
    const { id } = hit.conversation;
    const group = groups.get(id);
    if (group) group.hits.push(hit);
    else groups.set(id, { conversation: id, hits: [hit] });
  }
  return [...groups.values()];
}
