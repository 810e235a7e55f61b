import { describe, expect, it, vi } from "vitest";
import { MOST_SELECTED, Selection } from "./selection.ts";

const LIST = ["a", "b", "c", "d", "e", "f"];

function chosen(selection: Selection): string {
  return selection.inOrder(LIST).join("");
}

describe("a selection", () => {
  it("puts one in and out", () => {
    const selection = new Selection();
    selection.toggle("b");
    selection.toggle("d");
    expect(chosen(selection)).toBe("bd");
    selection.toggle("b");
    expect(chosen(selection)).toBe("d");
  });

  it("extends from the row that is open, and follows its end back", () => {
    const selection = new Selection();
    selection.step(LIST, 1, "b");
    selection.step(LIST, 1, "b");
    expect(chosen(selection)).toBe("bcd");
    selection.step(LIST, -1, "b");
    expect(chosen(selection)).toBe("bc");
    selection.step(LIST, -1, "b");
    selection.step(LIST, -1, "b");
    expect(chosen(selection)).toBe("ab");
    expect(selection.end).toBe("a");
    selection.step(LIST, -1, "b");
    expect(chosen(selection)).toBe("ab");
  });

  it("begins at the top, or at the end, where nothing is open", () => {
    const [down, up] = [new Selection(), new Selection()];
    down.step(LIST, 1, null);
    expect(chosen(down)).toBe("a");
    up.step(LIST, -1, null);
    expect(chosen(up)).toBe("f");
  });

  it("keeps what was chosen apart when a range grows and shrinks over it", () => {
    const selection = new Selection();
    selection.toggle("e");
    selection.toggle("b");
    selection.extend(LIST, "f", null);
    expect(chosen(selection)).toBe("bcdef");
    selection.extend(LIST, "c", null);
    expect(chosen(selection)).toBe("bce");
  });

  it("begins a new range after it rested", () => {
    const selection = new Selection();
    selection.extend(LIST, "b", "a");
    selection.rest();
    selection.extend(LIST, "e", "d");
    expect(chosen(selection)).toBe("abde");
  });

  it("lets go of rows that have left the list, and stays when the list moves", () => {
    const selection = new Selection();
    selection.all(LIST);
    selection.keep(["f", "e", "new", "a"]);
    expect(chosen(selection)).toBe("aef");
    const told = vi.fn();
    selection.subscribe(told);
    selection.keep(["a", "f", "e"]);
    expect(told).not.toHaveBeenCalled();
    selection.keep([]);
    expect(selection.size).toBe(0);
  });

  it("begins anew where the row is gone at which the range began", () => {
    const selection = new Selection();
    selection.extend(LIST, "c", "a");
    const rest = LIST.slice(1);
    selection.keep(rest);
    selection.extend(rest, "e", "d");
    expect(chosen(selection)).toBe("bcde");
  });

  it("is never more than may be changed at once", () => {
    const many = Array.from({ length: MOST_SELECTED + 50 }, (_, at) => `conv_${at}`);
    const selection = new Selection();
    selection.all(many);
    expect(selection.size).toBe(MOST_SELECTED);
    selection.toggle("another");
    expect(selection.size).toBe(MOST_SELECTED);
    selection.clear();
    selection.extend(many, many.at(-1) ?? "", many[0] ?? "");
    expect(selection.size).toBe(MOST_SELECTED);
    expect(selection.has("conv_0")).toBe(true);
  });

  it("is the same object until it changes", () => {
    const selection = new Selection();
    const before = selection.snapshot();
    selection.toggle("a");
    selection.toggle("a");
    expect(selection.snapshot()).toBe(before);
  });
});
