/** Characters that the server asks for at least. */
export const PASSWORD_MIN = 10;

/** 0: too short to be taken; 1: easy to guess; 2: fair; 3: strong; 4: very strong. `missing`: characters still to go. */
export type Strength = { level: 0 | 1 | 2 | 3 | 4; missing: number };

/** What guessers try first. */
const TRIED_FIRST = [
  "password",
  "passwort",
  "qwerty",
  "asdfgh",
  "letmein",
  "welcome",
  "iloveyou",
  "admin",
  "partyline",
];
/** Shorter parts of a name turn up by chance. */
const PERSONAL_MIN = 4;
/** Unpredictable characters from which it is fair, strong, very strong. */
const FAIR = 8;
const STRONG = 12;
const VERY_STRONG = 16;

/**
 * How hard a password is to guess, by length alone, where what can be predicted does not count: repeated letters, runs such as
 * "1234", the best-known passwords, and `personal` words, such as the email and the name of the business.
 */
export function strengthOf(password: string, personal: readonly string[] = []): Strength {
  const missing = Math.max(0, PASSWORD_MIN - [...password].length);
  if (missing > 0) return { level: 0, missing };
  const count = unpredictable(password.toLowerCase(), personal);
  if (count >= VERY_STRONG) return { level: 4, missing };
  if (count >= STRONG) return { level: 3, missing };
  return { level: count >= FAIR ? 2 : 1, missing };
}

function unpredictable(password: string, personal: readonly string[]): number {
  const known = [...TRIED_FIRST, ...personal.flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u))];
  // Each known word weighs one character.
  const rest = known
    .filter((word) => word.length >= PERSONAL_MIN)
    .sort((a, b) => b.length - a.length)
    .reduce((text, word) => text.replaceAll(word, "\u0000"), password);
  let count = 0;
  let before = Number.NaN;
  let step = Number.NaN;
  for (const character of rest) {
    const code = character.codePointAt(0) ?? 0;
    const next = code - before;
    const predicted = next === 0 || (Math.abs(next) === 1 && next === step);
    if (!predicted) count += 1;
    step = next;
    before = code;
  }
  return count;
}
