import { describe, expect, it } from "vitest";
import { shareDone } from "./importProgress.ts";

const since = "2026-08-01T00:00:00Z";
const until = "2026-11-01T00:00:00Z";

describe("how far an import has come", () => {
  it("is unknown until the provider was asked", () => {
    expect(shareDone({ since: null, until: null, at: null })).toBeUndefined();
  });

  it("is the share of its time, oldest first", () => {
    expect(shareDone({ since, until, at: since })).toBe(0);
    expect(shareDone({ since, until, at: until })).toBe(1);
    expect(shareDone({ since, until, at: "2026-09-16T00:00:00Z" })).toBeCloseTo(0.5);
  });

  it("never leaves the bar", () => {
    expect(shareDone({ since, until, at: "2027-01-01T00:00:00Z" })).toBe(1);
    expect(shareDone({ since, until: since, at: since })).toBe(1);
  });
});
