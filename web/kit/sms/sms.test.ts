import { readFileSync } from "node:fs";
import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { advise, segment } from "./index.ts";

type Vector = { id: string; text: string; encoding: string; segments: number; units: number; segment_units: number[] };
const vectors = JSON.parse(
  readFileSync(new URL("./fixtures/segment_vectors.json", import.meta.url), "utf8"),
) as Vector[];

describe("segments", () => {
  it.each(vectors.map((vector) => [vector.id, vector] as const))(
    "counts %s as the independent libraries do",
    (_, vector) => {
      const counted = segment(vector.text);
      expect(counted).toMatchObject({ encoding: vector.encoding, segments: vector.segments, units: vector.units });
      expect(counted.segmentUnits).toEqual(vector.segment_units);
    },
  );

  it("never has a segment over its capacity, and loses no unit", () => {
    assert(
      property(string({ unit: "grapheme", maxLength: 400 }), (text) => {
        const { encoding, units, segmentUnits } = segment(text);
        const capacity = encoding === "GSM-7" ? 160 : 70;
        expect(segmentUnits.every((filled) => filled <= capacity)).toBe(true);
        expect(segmentUnits.reduce((sum, filled) => sum + filled, 0)).toBe(units);
      }),
    );
  });
});

describe("advice", () => {
  it("names the curly quote, where it stands, and what the plain text costs", () => {
    const text = `Hi Maya, the plumber’s on his way and should reach you between 2 and 4 pm. Please keep clear.`;
    const advice = advise(text);
    expect(advice.costly).toEqual([{ character: "’", replacement: "'", at: [20] }]);
    expect(advice.now.segments).toBe(2);
    expect(advice.plain).toMatchObject({
      text: text.replace("’", "'"),
      segmentation: { segments: 1, encoding: "GSM-7" },
    });
  });

  it("offers nothing where another script or an emoji stays behind", () => {
    expect(advise("Да’").plain).toBeNull();
    expect(advise("ok 😀").costly).toEqual([{ character: "😀", replacement: null, at: [3] }]);
  });

  it("leaves web addresses as they are, and composes what was taken apart", () => {
    expect(advise("see https://a.example/b’c").plain).toBeNull();
    expect(advise("man\u0303ana").plain?.text).toBe("mañana");
    expect(advise("man\u0303ana").costly).toEqual([{ character: "n\u0303", replacement: "ñ", at: [2] }]);
  });

  it("never makes a text dearer, and what it calls plain is plain", () => {
    assert(
      property(string({ unit: "grapheme", maxLength: 200 }), (text) => {
        const { now, plain } = advise(text);
        if (!plain) return;
        expect(plain.segmentation.segments).toBeLessThanOrEqual(now.segments);
        expect(segment(plain.text).encoding).toBe("GSM-7");
      }),
    );
  });
});
