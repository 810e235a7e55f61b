import { expect, test } from "vitest";
import { readableNumber, refusal, texts } from "./texts.ts";

test("numbers of North America are written as people write them, others as they are", () => {
  expect(readableNumber("+14155550142")).toBe("(415) 555-0142");
  expect(readableNumber("+447700900123")).toBe("+447700900123");
});

test("an unknown refusal still says something", () => {
  expect(refusal("gremlins")).toBe("That did not work. Try again.");
});

test("one segment and several are told apart", () => {
  expect(texts.wire.smsOut("Maya", 1, "GSM-7")).toContain("1 segment,");
  expect(texts.wire.smsOut("Maya", 2, "UCS-2")).toContain("2 segments,");
});
