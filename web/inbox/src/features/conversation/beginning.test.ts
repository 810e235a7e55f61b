import { expect, it } from "vitest";
import { otherNumber } from "./beginning.ts";

const number = (id: string, connection: string, team: string, more: object = {}) => ({
  id,
  kind: "sms" as const,
  connection_id: connection,
  team_id: team,
  status: "connected",
  ...more,
});
const west = number("chan_west", "conn_1", "team_west");
const leasing = number("chan_leasing", "conn_1", "team_leasing");
const spare = number("chan_spare", "conn_1", "team_west");
const elsewhere = number("chan_elsewhere", "conn_2", "team_leasing");

it("another number of ours is one of the same team, else any", () => {
  expect(otherNumber([west, leasing, spare], west.id, "number")).toBe(spare);
  expect(otherNumber([west, leasing], west.id, "number")).toBe(leasing);
  expect(otherNumber([west], west.id, "number")).toBe(null);
});

it("where the account is in trouble it is one of another account", () => {
  expect(otherNumber([west, spare, elsewhere], west.id, "account")).toBe(elsewhere);
  expect(otherNumber([west, spare], west.id, "account")).toBe(null);
});

it("one that can't text is none", () => {
  const broken = number("chan_broken", "conn_1", "team_west", { status: "refused" });
  const mailbox = number("chan_mail", "conn_1", "team_west", { kind: "email" });
  expect(otherNumber([west, broken, mailbox], west.id, "number")).toBe(null);
  expect(otherNumber([west, spare], "chan_gone", "number")).toBe(null);
});
