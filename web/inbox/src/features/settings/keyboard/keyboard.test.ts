import type { Keys } from "@partyline/kit/api";
import { collide, DEFAULT_KEYS } from "@partyline/kit/shortcuts";
import { describe, expect, it } from "vitest";
import { COMMANDS, given, holders, keysOf, reset, taken } from "./changes.ts";
import { record } from "./recorder.ts";

const event = (key: string, more = {}) => ({
  key,
  code: `Key${key.toUpperCase()}`,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

describe("the keyboard of a person", () => {
  it("gives no two commands the same keys, in any preset", () => {
    for (const preset of ["default", "gmail", "modifiers", "off"] as const) {
      const keys: Keys = { preset, own: {} };
      for (const id of COMMANDS)
        for (const each of keysOf(keys, id)) expect(holders(keys, id, each), `${preset}: ${id} ${each}`).toEqual([]);
    }
  });

  it("has a way to do everything that is done all day without single keys", () => {
    const keys: Keys = { preset: "modifiers", own: {} };
    for (const id of ["list.next", "conversation.close", "composer.reply", "app.undo", "app.palette"] as const)
      expect(keysOf(keys, id).length, id).toBeGreaterThan(0);
  });

  it("takes keys away from whoever had them, tells of it before, and gives them back on a reset", () => {
    expect(holders(DEFAULT_KEYS, "conversation.snooze", "E")).toEqual(["conversation.close"]);
    expect(holders(DEFAULT_KEYS, "conversation.close", "E")).toEqual([]);
    expect(holders(DEFAULT_KEYS, "conversation.snooze", "G")).toContain("go.mine");
    const changed = given(DEFAULT_KEYS, "conversation.snooze", "E");
    expect(keysOf(changed, "conversation.snooze")).toEqual(["E"]);
    expect(keysOf(changed, "conversation.close")).toEqual(["Ctrl+Shift+E"]);
    expect(keysOf(taken(changed, "app.help"), "app.help")).toEqual([]);
    const back = reset(reset(changed, "conversation.snooze"), "conversation.close");
    expect(back).toEqual(DEFAULT_KEYS);
    for (const id of COMMANDS) for (const each of keysOf(changed, id)) expect(holders(changed, id, each)).toEqual([]);
  });

  it("records one press, or two where the first can begin a sequence", () => {
    expect(record(null, event("g"))).toEqual({ keys: "G", whole: false });
    expect(record("G", event("x"))).toEqual({ keys: "G X", whole: true });
    expect(record(null, event("e", { ctrlKey: true }))).toEqual({ keys: "Ctrl+E", whole: true });
    expect(record(null, event("Shift"))).toBeNull();
    expect(collide("G X", "G")).toBe(true);
  });
});
