import type { Entry, Message } from "@partyline/kit/api";
import { describe, expect, it } from "vitest";
import { timelineOf } from "./timeline.ts";

const message = (id: string, at: string, direction: Message["direction"], more: Partial<Message> = {}): Entry => ({
  id,
  type: "message",
  conversation_id: "conv_1",
  at,
  direction,
  author: { kind: direction === "inbound" ? "contact" : "user", id: direction, name: null },
  channel_id: "chan_1",
  text: "",
  html: null,
  attachments: [],
  delivery: null,
  late: false,
  imported: false,
  ...more,
});

describe("the timeline", () => {
  it("opens each day with a line and joins what one speaker says in a row", () => {
    const items = timelineOf([
      message("a", "2026-11-23T12:00:00", "inbound"),
      message("b", "2026-11-24T12:00:00", "inbound"),
      message("c", "2026-11-24T12:01:00", "inbound"),
      message("d", "2026-11-24T12:02:00", "outbound"),
      message("e", "2026-11-24T12:20:00", "outbound"),
    ]);
    expect(items.map((item) => (item.kind === "day" ? "day" : `${item.entry.id}${item.run ? "+" : ""}`))).toEqual([
      "day",
      "a",
      "day",
      "b",
      "c+",
      "d",
      "e",
    ]);
  });

  it("says of a failed message whether they have written since", () => {
    const items = timelineOf([
      message("a", "2026-11-24T12:00:00", "outbound"),
      message("b", "2026-11-24T12:01:00", "inbound"),
      message("c", "2026-11-24T12:02:00", "outbound"),
    ]);
    expect(items.flatMap((item) => (item.kind === "entry" ? [item.writtenSince] : []))).toEqual([true, false, false]);
  });
});
