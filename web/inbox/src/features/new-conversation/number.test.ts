import { describe, expect, it } from "vitest";
import { dialable } from "./number.ts";

describe("a typed number", () => {
  it("is read as people write it", () => {
    expect(dialable("(415) 555-0123", "US")).toBe("+14155550123");
    expect(dialable("1 415 555 0123", "US")).toBe("+14155550123");
    expect(dialable("+44 20 7946 0018", "US")).toBe("+442079460018");
    expect(dialable("0044 20 7946 0018", "US")).toBe("+442079460018");
  });
  it("is refused when it can't be one", () => {
    for (const typed of ["", "555-0123", "+", "+0123456789", "115 555 0123", "mum"])
      expect(dialable(typed, "US")).toBeNull();
    expect(dialable("415 555 0123", "DE")).toBeNull();
  });
});
