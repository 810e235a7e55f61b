import { expect, it } from "vitest";
import { middle } from "./square.ts";

it("takes the middle of a picture, of the largest square that fits", () => {
  expect(middle(400, 300)).toEqual({ x: 50, y: 0, side: 300 });
  expect(middle(300, 401)).toEqual({ x: 0, y: 50, side: 300 });
  expect(middle(64, 64)).toEqual({ x: 0, y: 0, side: 64 });
  expect(middle(1, 9_000)).toEqual({ x: 0, y: 4_499, side: 1 });
});
