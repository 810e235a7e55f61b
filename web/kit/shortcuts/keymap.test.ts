import { describe, expect, it } from "vitest";
import {
  Commands,
  collide,
  DEFAULT_KEYS,
  keysUnder,
  mayGoOn,
  pressed,
  PRESETS,
  refused,
  type KeyInput,
} from "./index.ts";

const event = (key: string, more: Partial<KeyInput> = {}): KeyInput => ({
  key,
  code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

describe("a person's keyboard", () => {
  it("begins with what commands bring, or with a preset, and has their own keys above both", () => {
    const close = ["E", "Ctrl+Shift+E"];
    expect(keysUnder(DEFAULT_KEYS, "conversation.close", close)).toEqual(close);
    expect(keysUnder({ preset: "modifiers", own: {} }, "conversation.close", close)).toEqual(["Ctrl+Shift+E"]);
    expect(keysUnder({ preset: "modifiers", own: {} }, "some.thing", ["E", "Ctrl+E", "G M", "F6", "?"])).toEqual([
      "Ctrl+E",
      "F6",
    ]);
    expect(keysUnder({ preset: "off", own: {} }, "some.thing", ["E", "Ctrl+E", "F6", "Escape"])).toEqual([
      "F6",
      "Escape",
    ]);
    expect(keysUnder({ preset: "gmail", own: {} }, "conversation.snooze", ["H"])).toEqual(["B", "H"]);
    const own = { "conversation.assign": ["G A"], "conversation.close": [] };
    expect(keysUnder({ preset: "gmail", own }, "conversation.assign", ["A"])).toEqual(["G A"]);
    expect(keysUnder({ preset: "gmail", own }, "selection.assign", ["A"])).toEqual(["G A"]);
    expect(keysUnder({ preset: "gmail", own }, "conversation.close", close)).toEqual([]);
  });

  it("no key of the presets collides with another, nor is a browser's", () => {
    const defaults: Record<string, string[]> = { "conversation.close": ["E"], "list.next": ["J"] };
    for (const preset of ["gmail", "modifiers"] as const) {
      const seen: string[] = [];
      for (const id of Object.keys(PRESETS[preset])) {
        for (const keys of keysUnder({ preset, own: {} }, id, defaults[id] ?? [])) {
          expect(refused(keys), keys).toBeNull();
          expect(
            seen.filter((other) => collide(keys, other)),
            `${preset} ${id} ${keys}`,
          ).toEqual([]);
          seen.push(keys);
        }
      }
    }
  });

  it("is what the registry goes by, and what it lists", () => {
    const ran: string[] = [];
    const registry = new Commands();
    registry.add([
      { id: "conversation.close", title: "", group: "", keys: ["E"], run: () => ran.push("close") },
      { id: "list.back", title: "", group: "", keys: ["Escape"], run: () => ran.push("back") },
    ]);
    registry.setKeys({ preset: "default", own: { "conversation.close": ["Shift+X", "G X"] } });
    registry.press(event("e"), false, 0);
    registry.press(event("X", { shiftKey: true }), false, 0);
    registry.press(event("g"), false, 0);
    registry.press(event("x"), false, 10);
    expect(ran).toEqual(["close", "close"]);
    expect(registry.find("conversation.close")?.keys).toEqual(["Shift+X", "G X"]);
    registry.setKeys({ preset: "off", own: {} });
    registry.press(event("e"), false, 0);
    registry.press(event("Escape"), false, 0);
    expect(ran).toEqual(["close", "close", "back"]);
  });

  it("names what is pressed as commands do", () => {
    expect(pressed(event("e"))).toBe("E");
    expect(pressed(event("E", { shiftKey: true }))).toBe("Shift+E");
    expect(pressed(event("?", { shiftKey: true }))).toBe("?");
    expect(pressed(event("é"))).toBe("é");
    expect(pressed(event("Enter", { ctrlKey: true, shiftKey: true }))).toBe("Ctrl+Shift+Enter");
    expect(pressed(event("Enter", { metaKey: true }))).toBe("Ctrl+Enter");
    expect(pressed(event("å", { altKey: true, code: "KeyA" }))).toBe("Alt+A");
    expect(pressed(event("¡", { altKey: true, code: "Digit1" }))).toBe("Alt+1");
    expect(pressed(event("&", { ctrlKey: true, code: "Digit1" }))).toBe("Ctrl+1");
    expect(pressed(event("!", { shiftKey: true, code: "Digit1" }))).toBe("!");
    expect(pressed(event("+", { ctrlKey: true, code: "Equal" }))).toBe("Ctrl++");
    expect(pressed(event("о", { code: "KeyJ" }))).toBe("о");
    for (const nothing of ["Shift", "Control", "Escape", "Tab", " ", "Dead"])
      expect(pressed(event(nothing))).toBeNull();
  });

  it("knows what collides, what may go on, and what the browser keeps", () => {
    expect(collide("E", "E")).toBe(true);
    expect(collide("G", "G M")).toBe(true);
    expect(collide("G M", "G")).toBe(true);
    expect(collide("G M", "G A")).toBe(false);
    expect(collide("E", "Shift+E")).toBe(false);
    expect([mayGoOn("G"), mayGoOn("Ctrl+G"), mayGoOn("Enter")]).toEqual([true, false, false]);
    expect([refused("Ctrl+T"), refused("Alt+1"), refused("Ctrl+E")]).toEqual(["browser", "writing", null]);
  });
});
