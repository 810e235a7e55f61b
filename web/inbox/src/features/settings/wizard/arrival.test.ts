import type { Conversation } from "@partyline/kit/api";
import { describe, expect, it } from "vitest";
import { provesArrival } from "./arrival.ts";

const CHANNEL = { id: "chan_1", created_at: "2026-11-24T10:00:00Z" };
const conversation = (more: Partial<Conversation>) =>
  ({
    channel_ids: ["chan_1"],
    last_activity_at: "2026-11-24T10:00:05Z",
    last_message: { direction: "inbound", author_name: null, delivery_status: null, has_attachments: false },
    ...more,
  }) as Conversation;

describe("a first text", () => {
  it("proves its channel when it came in after the number was connected", () => {
    expect(provesArrival(conversation({}), CHANNEL)).toBe(true);
  });

  it.each([
    ["came through another channel", { channel_ids: ["chan_2"] }],
    ["came before", { last_activity_at: "2026-11-24T09:59:59Z" }],
    [
      "went out",
      { last_message: { direction: "outbound", author_name: "Ana", delivery_status: null, has_attachments: false } },
    ],
    ["is not there", { last_message: null }],
  ] as [string, Partial<Conversation>][])("proves nothing when it %s", (_, more) => {
    expect(provesArrival(conversation(more), CHANNEL)).toBe(false);
  });
});
