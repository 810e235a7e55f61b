import { lookalike } from "./lookalikes.ts";
import { isGsm7, segment, type Segmentation } from "./segments.ts";

/** One character that forces UCS-2, where it stands, and what may stand for it. */
export type Costly = {
  character: string;
  /** Null where nothing looks like it (an emoji, another script). */
  replacement: string | null;
  /** Positions in UTF-16 code units, as in `String.prototype.slice`. */
  at: number[];
};

export type Advice = {
  now: Segmentation;
  costly: Costly[];
  /** The text with every look-alike put in, when that makes the message cheaper; otherwise null. */
  plain: { text: string; segmentation: Segmentation } | null;
};

/** What a text costs as SMS, and what would make it cost less. */
export function advise(text: string): Advice {
  const now = segment(text);
  if (now.encoding === "GSM-7") return { now, costly: [], plain: null };
  const costly = new Map<string, Costly>();
  let plainText = "";
  let at = 0;
  for (const character of text) {
    const replacement = isGsm7(character) ? character : (lookalike(character) ?? null);
    plainText += replacement ?? character;
    if (!isGsm7(character)) {
      const found = costly.get(character) ?? { character, replacement, at: [] };
      found.at.push(at);
      costly.set(character, found);
    }
    at += character.length;
  }
  const plain = segment(plainText);
  const cheaper = plain.encoding === "GSM-7" && plain.segments <= now.segments;
  return { now, costly: [...costly.values()], plain: cheaper ? { text: plainText, segmentation: plain } : null };
}
