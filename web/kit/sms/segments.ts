/** How a text is cut into SMS segments (3GPP TS 23.038 and 23.040), as the server's core counts it. */

export type Encoding = "GSM-7" | "UCS-2";

export type Segmentation = {
  encoding: Encoding;
  /** Septets for GSM-7 (an extension character is two), UTF-16 code units for UCS-2. */
  units: number;
  segments: number;
  /** Units in each segment; an escape pair or a surrogate pair is never split. */
  segmentUnits: number[];
  /** Units that fit before one more segment is needed. */
  limit: number;
  /** `limit - units`, counting units lost at segment ends. */
  remaining: number;
};

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = new Set("\f^{}\\[~]|€");

/** Units of a single message, and of each part where a header takes its share. */
const CAPACITY = {
  "GSM-7": { single: 160, part: 153 },
  "UCS-2": { single: 70, part: 67 },
} as const;

/** Whether GSM-7 can carry the character. */
export function isGsm7(character: string): boolean {
  return BASIC.has(character) || EXTENSION.has(character);
}

function unitsOf(character: string, encoding: Encoding): number {
  if (encoding === "UCS-2") return character.length;
  return EXTENSION.has(character) ? 2 : 1;
}

/** Counts a text. An empty text has no segment. */
export function segment(text: string): Segmentation {
  const characters = [...text];
  const encoding: Encoding = characters.every(isGsm7) ? "GSM-7" : "UCS-2";
  const sizes = characters.map((character) => unitsOf(character, encoding));
  const units = sizes.reduce((sum, size) => sum + size, 0);
  const { single, part } = CAPACITY[encoding];
  if (units <= single) {
    const segmentUnits = units === 0 ? [] : [units];
    return { encoding, units, segments: segmentUnits.length, segmentUnits, limit: single, remaining: single - units };
  }
  const segmentUnits = [0];
  for (const size of sizes) {
    const last = segmentUnits.length - 1;
    const filled = segmentUnits[last] ?? 0;
    if (filled + size <= part) segmentUnits[last] = filled + size;
    else segmentUnits.push(size);
  }
  const remaining = part - (segmentUnits.at(-1) ?? 0);
  return { encoding, units, segments: segmentUnits.length, segmentUnits, limit: units + remaining, remaining };
}
