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

/** A web address is left as it is: a changed one leads elsewhere. */
const ADDRESS = /(https?:\/\/\S+)/u;
/** A character with the marks that belong to it. */
const CHARACTER = /\P{M}\p{M}*|\p{M}+/gu;

/** What a text costs as SMS, and what would make it cost less. */
export function advise(text: string): Advice {
  const now = segment(text);
  if (now.encoding === "GSM-7") return { now, costly: [], plain: null };
  const costly = new Map<string, Costly>();
  let plainText = "";
  let at = 0;
  text.split(ADDRESS).forEach((stretch, index) => {
    const address = index % 2 === 1;
    for (const character of stretch.match(CHARACTER) ?? []) {
      const written = address ? character : replaced(character);
      plainText += written;
      if (!isAllGsm7(character)) {
        const key = `${address} ${character}`;
        const found = costly.get(key) ?? { character, replacement: isAllGsm7(written) ? written : null, at: [] };
        found.at.push(at);
        costly.set(key, found);
      }
      at += character.length;
    }
  });
  const plain = segment(plainText);
  const cheaper = plain.encoding === "GSM-7" && plain.segments <= now.segments;
  return { now, costly: [...costly.values()], plain: cheaper ? { text: plainText, segmentation: plain } : null };
}

function isAllGsm7(text: string): boolean {
  return [...text].every(isGsm7);
}

/** Composed first, so that a decomposed ñ stays one. */
function replaced(character: string): string {
  return [...character.normalize("NFC")].map((each) => (isGsm7(each) ? each : (lookalike(each) ?? each))).join("");
}
