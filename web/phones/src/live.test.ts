import { expect, test } from "vitest";
import type { Change, Message, State } from "./carrier.ts";
import { apply } from "./live.ts";

const message = (sid: string, status: string): Message => ({
  ordinal: 0,
  sid,
  direction: "to_phone",
  phone: "+14155550142",
  number: "+14155550100",
  text: "Hi",
  media: [],
  status,
  error_code: null,
  created_at: "2026-01-01T00:00:00Z",
  fails_at: null,
  webhook_status: null,
});

const empty = { phones: [], numbers: [], messages: [], wire: [] } as unknown as State;

test("a change that comes twice is applied once", () => {
  const change: Change = { kind: "message", data: message("SM1", "queued") };
  const once = apply(empty, change);
  expect(apply(once, change)).toEqual(once);
});

test("a message moves on in its place", () => {
  const changes: Change[] = [
    { kind: "message", data: message("SM1", "queued") },
    { kind: "message", data: message("SM2", "queued") },
    { kind: "message", data: message("SM1", "delivered") },
  ];
  const state = changes.reduce(apply, empty);
  expect(state.messages.map((m) => [m.sid, m.status])).toEqual([
    ["SM1", "delivered"],
    ["SM2", "queued"],
  ]);
});

test("a deleted message is gone", () => {
  const state = apply(empty, { kind: "message", data: message("SM1", "delivered") });
  expect(apply(state, { kind: "deleted", data: "SM1" }).messages).toEqual([]);
});
