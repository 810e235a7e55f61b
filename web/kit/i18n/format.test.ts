import { i18n } from "@lingui/core";
import { beforeAll, expect, it } from "vitest";
import { byteSize } from "./format.ts";

beforeAll(() => i18n.loadAndActivate({ locale: "en", messages: {} }));

it("sizes are in the unit that reads best, and agree with it", () => {
  expect(byteSize(1)).toBe("1 byte");
  expect(byteSize(129)).toBe("129 bytes");
  expect(byteSize(20_480)).toBe("20 kB");
  expect(byteSize(1_900_000)).toBe("1.9 MB");
});
