import { i18n } from "@lingui/core";
import { beforeAll, expect, it } from "vitest";
import { byteSize, moneyOf } from "./format.ts";

beforeAll(() => i18n.loadAndActivate({ locale: "en", messages: {} }));

it("sizes are in the unit that reads best, and agree with it", () => {
  expect(byteSize(1)).toBe("1 byte");
  expect(byteSize(129)).toBe("129 bytes");
  expect(byteSize(20_480)).toBe("20 kB");
  expect(byteSize(1_900_000)).toBe("1.9 MB");
});

it("small amounts of money keep the digits that say something", () => {
  expect(moneyOf(0.0158, "USD")).toBe("$0.016");
  expect(moneyOf(0.0079, "USD")).toBe("$0.0079");
  expect(moneyOf(1.5, "EUR")).toBe("€1.50");
  expect(moneyOf(0, "USD")).toBe("$0.00");
});
