import { describe, expect, it } from "vitest";
import { placeList, found } from "./options.ts";

const field = (top: number) => ({ top, bottom: top + 36, left: 10, width: 200 });

describe("an option", () => {
  const option = { value: "America/Sao_Paulo", label: "São Paulo", detail: "America", also: "America/Sao_Paulo" };

  it.each(["", "sao", "São P", "paulo ame", "america/sao", "  paul "])("is found by %j", (query) => {
    expect(found(option, query)).toBe(true);
  });

  it.each(["aulo", "sao rio", "x"])("is not found by %j", (query) => {
    expect(found(option, query)).toBe(false);
  });
});

describe("the list of a field", () => {
  it("opens below, as high as there is room", () => {
    expect(placeList(field(100), 900)).toEqual({ top: 140, bottom: null, maxHeight: 320, left: 10, width: 200 });
    expect(placeList(field(500), 800)).toMatchObject({ top: 540, maxHeight: 252 });
  });

  it("opens above where there is little room below and more above", () => {
    expect(placeList(field(700), 800)).toMatchObject({ top: null, bottom: 104, maxHeight: 320 });
    expect(placeList(field(60), 200)).toMatchObject({ top: 100, maxHeight: 92 });
  });
});
