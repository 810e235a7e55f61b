import type { Entry } from "@partyline/kit/api";
import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { attempt } from "./drafts.ts";
import { lastSeen, reasonTexts, refuseFile, sendable, viaOf } from "./model.ts";
import { sharedWords } from "./overlap.ts";

const channels = [
  { id: "chan_1", name: "West", kind: "sms" as const, address: "+1" },
  { id: "chan_2", name: "East", kind: "sms" as const, address: "+2" },
];
const message = (direction: "inbound" | "outbound", channel_id: string) =>
  ({ type: "message", id: `${direction}-${channel_id}`, direction, channel_id }) as Entry;

describe("the composer", () => {
  it("answers from the number that they last wrote to, and says why", () => {
    expect(viaOf({ channels }, [message("inbound", "chan_2"), message("outbound", "chan_1")])).toMatchObject({
      channel: { id: "chan_2" },
      why: "last_wrote",
    });
    expect(viaOf({ channels }, [message("outbound", "chan_2")])).toMatchObject({
      channel: { id: "chan_2" },
      why: "last_used",
    });
    expect(viaOf({ channels }, [])).toMatchObject({ channel: { id: "chan_1" }, why: "only" });
    expect(viaOf({ channels: [] }, [])).toBeNull();
  });

  it("sends text or files, but nothing empty, unfinished or too long", () => {
    expect(sendable("hi", [])).toBe(true);
    expect(sendable("", [{ state: "ready" }])).toBe(true);
    expect(sendable("  \n", [])).toBe(false);
    expect(sendable("hi", [{ state: "uploading" }])).toBe(false);
    expect(sendable("hi", [{ state: "failed" }])).toBe(false);
    expect(sendable("a".repeat(1_601), [])).toBe(false);
  });

  it("refuses files that no provider takes", () => {
    expect(refuseFile({ type: "image/png", size: 10 }, 0)).toBeNull();
    expect(refuseFile({ type: "image/png", size: 6_000_000 }, 0)).toBe("too_large");
    expect(refuseFile({ type: "image/png", size: 3_000_000 }, 1, 2_000_000)).toBeNull();
    expect(refuseFile({ type: "image/png", size: 3_000_000 }, 1, 2_000_001)).toBe("too_large_together");
    expect(refuseFile({ type: "application/x-msdownload", size: 10 }, 0)).toBe("wrong_type");
    expect(refuseFile({ type: "image/png", size: 10 }, 10)).toBe("too_many");
  });

  it("has seen the last message or note, not the last event", () => {
    expect(lastSeen([message("inbound", "chan_1"), { type: "event", id: "evt" } as Entry])).toBe("inbound-chan_1");
    expect(lastSeen([])).toBeNull();
  });
});

describe("the reasons of a refusal", () => {
  it("are their sentences, and nothing where there are none", () => {
    expect(
      reasonTexts([{ code: "first_contact", detail: "They never wrote." }, "As it is.", { code: "x" }, null]),
    ).toEqual(["They never wrote.", "As it is."]);
    expect(reasonTexts(undefined)).toEqual([]);
  });
});

describe("words that stand in both texts", () => {
  it("are marked where at least three follow one another", () => {
    const [left, right] = sharedWords("Delgado comes between 2 and 4 pm. Bye", "You get him Between 2 and 4 pm, maybe");
    expect(left.filter(({ shared }) => shared).map(({ text }) => text)).toEqual(["between 2 and 4 pm"]);
    expect(right.filter(({ shared }) => shared).map(({ text }) => text)).toEqual(["Between 2 and 4 pm"]);
  });
  it("lose no character of either text", () => {
    assert(
      property(string({ unit: "grapheme" }), string({ unit: "grapheme" }), (a, b) => {
        const [left, right] = sharedWords(a, `${b} ${a}`);
        expect(left.map(({ text }) => text).join("")).toBe(a);
        expect(right.map(({ text }) => text).join("")).toBe(`${b} ${a}`);
      }),
    );
  });
});

describe("a reply that was not answered", () => {
  const wish = {
    text: "On our way",
    channel_id: "chan_1",
    attachment_ids: [],
    seen_entry_id: "msg_1",
    undo_seconds: 5,
  };

  it("goes again as it was, under its key, though the conversation has moved on", () => {
    const tried = attempt(null, wish, "key 1");
    expect(attempt(tried, { ...wish, seen_entry_id: "msg_2" }, "key 2")).toBe(tried);
  });

  it("is another wish when its words, files or confirmations differ", () => {
    const tried = attempt(null, wish, "key 1");
    for (const other of [
      { text: "Soon" },
      { attachment_ids: ["file_1"] },
      { confirm: ["late_reply"] },
      { channel_id: "chan_2" },
      { send_at: "2026-11-25T10:00:00Z" },
    ])
      expect(attempt(tried, { ...wish, ...other }, "key 2").key).toBe("key 2");
  });

  it("is the same wish a little later, and whether it closes or not: what may have arrived must not leave twice", () => {
    const tried = attempt(null, { ...wish, send_at: "2026-11-25T10:00:00Z", close: true }, "key 1");
    expect(attempt(tried, { ...wish, send_at: "2026-11-25T10:04:00Z" }, "key 2")).toBe(tried);
    expect(attempt(tried, { ...wish, send_at: "2026-11-25T18:00:00Z" }, "key 2").key).toBe("key 2");
    expect(attempt(tried, wish, "key 2").key).toBe("key 2");
  });
});
