import type { Label } from "@partyline/kit/api";
import { describe, expect, it } from "vitest";
import { asTree, depth, matching, ownName } from "./names.ts";

const label = (name: string): Label => ({ id: `label_${name}`, name, colour: "red", created_at: "" });
const names = (labels: readonly Label[]) => labels.map(({ name }) => name);

describe("the names of labels", () => {
  it("stand below what is above them", () => {
    const labels = ["vip", "Repairs/Leak", "repairs-old", "Repairs", "Repairs/Heating/Boiler", "10", "9"].map(label);
    expect(names(asTree(labels))).toEqual([
      "9",
      "10",
      "Repairs",
      "Repairs/Heating/Boiler",
      "Repairs/Leak",
      "repairs-old",
      "vip",
    ]);
  });

  it("are found by parts of words in their order", () => {
    const labels = ["Repairs/Leak", "Leasing", "vip"].map(label);
    expect(names(matching(labels, "rep lea"))).toEqual(["Repairs/Leak"]);
    expect(names(matching(labels, "lea rep"))).toEqual([]);
    expect(names(matching(labels, " "))).toHaveLength(3);
  });

  it("are told apart from what is above them", () => {
    expect(ownName(label("Repairs/Heating/Boiler"))).toBe("Boiler");
    expect(depth(label("Repairs/Heating/Boiler"))).toBe(2);
    expect(ownName(label("vip"))).toBe("vip");
  });
});
