import type { SavedSearch, User } from "@partyline/kit/api";
import { expect, test } from "vitest";
import { besides, inOrder, pinnedFor } from "./model.ts";

const saved = (id: string, position: number | null, scope: SavedSearch["scope"], team_id: string | null = null) =>
  ({ id, position, scope, team_id, name: id, query: id, created_by: "user_1", created_at: "" }) satisfies SavedSearch;

const all = [
  saved("e1", 0, "workspace"),
  saved("b", null, "personal"),
  saved("t2", 0, "team", "team_2"),
  saved("t1", 0, "team", "team_1"),
  saved("c", 0, "personal"),
  saved("a", 1, "personal"),
];

test("one's own stand first, pinned ones as they were put", () => {
  expect(inOrder(all).map(({ id }) => id)).toEqual(["c", "a", "b", "t1", "t2", "e1"]);
});

test("a sidebar has what is pinned, and of teams only what is of one's own", () => {
  const me = { team_ids: ["team_1"] } as User;
  expect(pinnedFor(all, me).map(({ id }) => id)).toEqual(["c", "a", "t1", "e1"]);
  expect(pinnedFor(all, undefined).map(({ id }) => id)).toEqual(["c", "a", "e1"]);
});

test("places are among those of the same owner", () => {
  expect(besides(all, saved("x", null, "personal")).map(({ id }) => id)).toEqual(["c", "a"]);
  expect(besides(all, saved("x", null, "team", "team_2")).map(({ id }) => id)).toEqual(["t2"]);
});
