import { describe, expect, it } from "vitest";
import { payloadLines } from "./payload.ts";

const form = { query: "", content_type: "application/x-www-form-urlencoded", text: "", cut: false };

describe("what a provider sent", () => {
  it("is read field by field where it is a form", () => {
    expect(payloadLines({ ...form, text: "From=%2B14155550142&Body=Is+it%3F&Empty=" })).toEqual([
      { name: "From", value: "+14155550142" },
      { name: "Body", value: "Is it?" },
      { name: "Empty", value: "" },
    ]);
  });

  it("is read from the address where there is no body", () => {
    expect(payloadLines({ ...form, content_type: "", query: "Body=Hi" })).toEqual([{ name: "Body", value: "Hi" }]);
  });

  it("is shown as it came where it is anything else", () => {
    const json = { ...form, content_type: "application/json", text: '{\n  "a": 1\n}' };
    expect(payloadLines(json).map(({ value }) => value)).toEqual(["{", '  "a": 1', "}"]);
  });
});
