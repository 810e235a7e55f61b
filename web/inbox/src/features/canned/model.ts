import type { CannedResponse, MissingValue } from "@partyline/kit/api";

/** Rows of the list at once: more is a reason to type on. */
const MOST_FOUND = 8;
/** As long as a shortcut can be. */
const QUERY = /(?:^|\s)\/([\p{L}\p{N}_-]{0,32})$/u;

/** What stands after a "/" that begins a word, up to the caret; null where there is no such slash. */
export function slashQuery(text: string, caret: number): string | null {
  return QUERY.exec(text.slice(0, caret))?.[1] ?? null;
}

const PLACE = /\{\{\s*([\p{L}\p{N}_.]+)\s*(?:\|\s*default\(\s*(['"])(.*?)\2\s*\)\s*)?\}\}/gu;

/** The first line that says something, as it reads: with fallbacks in their places, and "[visit day]" where there is none. */
export function firstLine(text: string): string {
  const [line = ""] = text.trimStart().split("\n", 1);
  return line.replaceAll(
    PLACE,
    (_, name: string, quote: string | undefined, fallback: string | undefined) =>
      (quote === undefined ? undefined : fallback) ?? `[${name.replaceAll(/[._]+/g, " ")}]`,
  );
}

/**
 * How well a text answers what was typed: all its letters, in order. Higher is better, null where they are not there.
 * What begins a word, and what follows the letter before it, counts more.
 */
export function fuzzy(text: string, typed: string): number | null {
  const lower = text.toLowerCase();
  let score = 0;
  let from = 0;
  for (const letter of typed.toLowerCase()) {
    const next = lower.indexOf(letter, from);
    if (next < 0) return null;
    const begins = next === 0 || /[^\p{L}\p{N}]/u.test(lower[next - 1] ?? "");
    // a word begun again is nearer to what was meant than letters anywhere
    const word = begins ? next : wordStart(lower, letter, from);
    const at = next > from && word !== null ? word : next;
    score += at === from ? 3 : at === word ? 2 : 0;
    from = at + letter.length;
  }
  return score - lower.length / 1_000;
}

function wordStart(text: string, letter: string, from: number): number | null {
  for (let at = text.indexOf(letter, from); at >= 0; at = text.indexOf(letter, at + 1))
    if (at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1] ?? "")) return at;
  return null;
}

/** Those that answer what was typed, the best first: by shortcut, by name, then by what they begin with. */
export function ranked(responses: readonly CannedResponse[], typed: string): CannedResponse[] {
  const scored = responses.flatMap((response) => {
    const score = typed === "" ? response.uses / 1e9 : scoreOf(response, typed);
    return score === null ? [] : [{ response, score }];
  });
  return scored
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MOST_FOUND)
    .map(({ response }) => response);
}

function scoreOf({ shortcut, name, text }: CannedResponse, typed: string): number | null {
  if (shortcut === typed.toLowerCase()) return 1_000;
  const weighed = [
    { in: shortcut ?? "", weight: 200 },
    { in: name, weight: 100 },
  ].flatMap(({ in: where, weight }) => {
    const score = fuzzy(where, typed);
    return score === null ? [] : [score + weight];
  });
  // in the text the letters have to stand together, or every text would be found
  if (firstLine(text).toLowerCase().includes(typed.toLowerCase())) weighed.push(0);
  return weighed.length === 0 ? null : Math.max(...weighed);
}

/** "visit.day" as people read it: "Visit day". */
export function readableName(name: string): string {
  const words = name.replaceAll(/[._]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A text in which some places are still open, as its parts. */
export function withPlaces(
  text: string,
  missing: readonly Pick<MissingValue, "name">[],
): { text: string; place: boolean; at: number }[] {
  const names = missing.map(({ name }) => name.replaceAll(".", "\\."));
  // every second part is a place
  const parts = names.length === 0 ? [text] : text.split(new RegExp(`(\\{\\{ (?:${names.join("|")}) \\}\\})`, "u"));
  let at = 0;
  return parts.flatMap((part, index) => {
    const from = at;
    at += part.length;
    return part === "" ? [] : [{ text: part, place: index % 2 === 1, at: from }];
  });
}
