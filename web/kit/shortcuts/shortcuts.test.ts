import { describe, expect, it } from "vitest";
import { Commands, DEFAULT_KEYS, keyCaps, type Command, type KeyInput } from "./index.ts";

const press = (key: string, more: Partial<KeyInput> & { isComposing?: boolean; keyCode?: number } = {}) => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

function board(commands: Partial<Command>[]) {
  const ran: string[] = [];
  const registry = new Commands();
  registry.add(
    commands.map((command, index) => {
      const id = command.id ?? `c${index}`;
      return { title: id, group: "", ...command, id, run: () => ran.push(id) };
    }),
  );
  return { registry, ran };
}

describe("shortcuts", () => {
  it("runs a letter, but not inside a field, and not while an input method composes", () => {
    const { registry, ran } = board([{ id: "close", keys: ["E"] }]);
    expect(registry.press(press("e"), false, 0)).toBe(true);
    expect(registry.press(press("e"), true, 0)).toBe(false);
    expect(registry.press(press("e", { isComposing: true }), false, 0)).toBe(false);
    expect(registry.press(press("e", { keyCode: 229 }), false, 0)).toBe(false);
    expect(ran).toEqual(["close"]);
  });

  it("tells Shift+E from E, and takes symbols whatever Shift they need", () => {
    const { registry, ran } = board([
      { id: "close", keys: ["E"] },
      { id: "reopen", keys: ["Shift+E"] },
      { id: "help", keys: ["?"] },
    ]);
    registry.press(press("E", { shiftKey: true }), false, 0);
    registry.press(press("?", { shiftKey: true }), false, 0);
    expect(ran).toEqual(["reopen", "help"]);
  });

  it("follows a sequence, forgets it after a while, and lets a wrong second key act on its own", () => {
    const { registry, ran } = board([
      { id: "mine", keys: ["G M"] },
      { id: "note", keys: ["M"] },
    ]);
    registry.press(press("g"), false, 0);
    registry.press(press("m"), false, 500);
    registry.press(press("g"), false, 1_000);
    registry.press(press("m"), false, 9_000);
    expect(ran).toEqual(["mine", "note"]);
  });

  it("takes Ctrl and Cmd alike, also inside a field", () => {
    const { registry, ran } = board([{ id: "send", keys: ["Ctrl+Enter"] }]);
    registry.press(press("Enter", { ctrlKey: true }), true, 0);
    registry.press(press("Enter", { metaKey: true }), true, 0);
    expect(ran).toEqual(["send", "send"]);
  });

  it("goes by position where the layout has no such letter", () => {
    const { registry, ran } = board([{ id: "next", keys: ["J"] }]);
    registry.press(press("о", { code: "KeyJ" }), false, 0);
    expect(ran).toEqual(["next"]);
  });

  it("finds a digit by its place, where the layout types it with Shift, and plus beside its sign", () => {
    const { registry, ran } = board([
      { id: "first", keys: ["Ctrl+1"] },
      { id: "more", keys: ["Ctrl++"] },
    ]);
    registry.press(press("&", { ctrlKey: true, code: "Digit1" }), false, 0);
    registry.press(press("1", { ctrlKey: true, code: "Digit1" }), false, 0);
    registry.press(press("!", { ctrlKey: true, shiftKey: true, code: "Digit1" }), false, 0);
    registry.press(press("+", { ctrlKey: true, code: "Equal" }), false, 0);
    expect(ran).toEqual(["first", "first", "more"]);
    expect(keyCaps("Ctrl++", false)).toEqual(["Ctrl +"]);
  });

  it("rests while a dialog is open, and respects `when` and the preset", () => {
    let may = false;
    const { registry, ran } = board([{ id: "close", keys: ["E"], when: () => may }]);
    registry.press(press("e"), false, 0);
    may = true;
    const resume = registry.pause();
    registry.press(press("e"), false, 0);
    resume();
    resume();
    registry.setKeys({ preset: "off", own: {} });
    registry.press(press("e"), false, 0);
    registry.setKeys(DEFAULT_KEYS);
    registry.press(press("e"), false, 0);
    expect(ran).toEqual(["close"]);
  });

  it("tells of a command before it runs, and runs what it is by then", () => {
    const { registry, ran } = board([{ id: "reply", keys: ["R"] }]);
    const stop = registry.before((id) => {
      ran.push(`before ${id}`);
      registry.add([{ id: "reply", title: "", group: "", keys: ["R"], run: () => ran.push("newer") }]);
    });
    registry.press(press("r"), false, 0);
    stop();
    registry.press(press("r"), false, 0);
    expect(ran).toEqual(["before reply", "newer", "newer"]);
  });

  it("draws key caps", () => {
    expect(keyCaps("Ctrl+Enter", false)).toEqual(["Ctrl ↵"]);
    expect(keyCaps("G M", false)).toEqual(["G", "M"]);
  });
});
