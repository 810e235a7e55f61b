import type { KeyPreset, Keys } from "../api/types.ts";
import { parseKeys, type KeyInput } from "./keys.ts";

/** Ours, with nothing changed. */
export const DEFAULT_KEYS: Keys = { preset: "default", own: {} };

/** Commands that stand for another one while several conversations are chosen: they have its keys. */
const FOLLOWS: Readonly<Record<string, string>> = {
  "selection.assign": "conversation.assign",
  "selection.label": "conversation.label",
  "selection.snooze": "conversation.snooze",
};

/** What a preset changes of the keys that each command brings. */
export const PRESETS: Readonly<Record<KeyPreset, Readonly<Record<string, readonly string[]>>>> = {
  default: {},
  gmail: {
    "conversation.snooze": ["B", "H"],
    "conversation.assign": ["Shift+A"],
    "conversation.unassign": [],
    "conversation.unread": [],
    "conversation.markRead": ["Shift+I"],
    "conversation.markUnread": ["Shift+U"],
    "composer.reply": ["R", "A"],
    "list.leave": ["U"],
    "go.all": ["G I", "G A"],
    "go.mine": ["G M"],
    "go.drafts": ["G D"],
  },
  // Never what a browser keeps for itself; Alt alone types characters on a Mac, and is matched by the key's place there.
  modifiers: {
    "list.next": ["Alt+J", "ArrowDown"],
    "list.previous": ["Alt+K", "ArrowUp"],
    "list.toggle": ["Alt+X"],
    "conversation.close": ["Ctrl+Shift+E"],
    "conversation.reopen": ["Alt+Shift+E"],
    "conversation.snooze": ["Ctrl+Shift+J"],
    "conversation.assign": ["Alt+A"],
    "conversation.assignMe": ["Alt+I"],
    "conversation.unassign": ["Alt+Shift+I"],
    "conversation.label": ["Alt+L"],
    "conversation.move": ["Alt+V"],
    "conversation.unread": ["Alt+U"],
    "composer.reply": ["Alt+R"],
    "composer.note": ["Alt+M"],
    "thread.older": ["Alt+P"],
    "thread.newer": ["Alt+N"],
    "app.new": ["Alt+C"],
    "app.undo": ["Ctrl+Z"],
    "app.search": ["Alt+S"],
    "app.help": ["Ctrl+/"],
    "app.panel": ["Ctrl+."],
    "app.sidebar": ["Ctrl+["],
  },
  off: {},
};

/** What a browser does not give away, or what would be missed badly. */
const BROWSERS_OWN = [
  ...["N", "T", "W", "Shift+N", "Shift+T", "Shift+W", "Q", "R"].map((key) => `Ctrl+${key}`),
  ...["C", "V", "X"].map((key) => `Ctrl+${key}`),
];

/** What has its meaning while one writes, whoever asks. */
const WHILE_WRITING = [
  "Ctrl+Enter",
  "Ctrl+Shift+Enter",
  "Alt+Enter",
  "Alt+.",
  "Ctrl+B",
  "Ctrl+I",
  ...[1, 2, 3, 4, 5].map((at) => `Alt+${at}`),
];

/** Is no press of it a character alone, which dictation and a slip can type (WCAG 2.1.4)? */
function isModified(keys: string): boolean {
  return parseKeys(keys).every(({ key, ctrl, alt }) => ctrl || alt || key.length > 1);
}

/** Is it a key with a name, such as Escape, and no shortcut of letters? */
function isNamed(keys: string): boolean {
  return parseKeys(keys).every(({ key, ctrl, alt }) => !ctrl && !alt && key.length > 1);
}

/** The keys of a command that brings `defaults`, as somebody wants it. */
export function keysUnder({ preset, own }: Keys, id: string, defaults: readonly string[]): readonly string[] {
  const name = FOLLOWS[id] ?? id;
  const chosen = own[name];
  if (chosen) return chosen;
  const changed = PRESETS[preset][name];
  if (changed) return changed;
  if (preset === "modifiers") return defaults.filter(isModified);
  if (preset === "off") return defaults.filter(isNamed);
  return defaults;
}

let current = DEFAULT_KEYS;

/** From now on hints show these. */
export function showKeys(keys: Keys): void {
  current = keys;
}

/** What a hint shows beside something that a command does; undefined where no key does it. `defaults`: its key where nothing was changed. */
export function shownKeys(id: string, defaults: string): string | undefined {
  return keysUnder(current, id, [defaults])[0];
}

const MODIFIERS = ["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock"];

/** What somebody pressed, as a command writes it: "Ctrl+Shift+E". Null for a modifier alone, and for what no command can have. */
export function pressed(event: KeyInput): string | null {
  const { key, code, ctrlKey, metaKey, altKey, shiftKey } = event;
  if (MODIFIERS.includes(key) || ["Dead", "Process", "Unidentified", "Tab", "Escape"].includes(key)) return null;
  // with Alt a Mac types another character; the key's place says which it was
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  const digit = altKey || ctrlKey ? /^Digit(\d)$/.exec(code)?.[1] : undefined;
  const isLetter = letter !== undefined && (altKey || /^[a-z]$/i.test(key));
  const name = isLetter ? letter.toUpperCase() : (digit ?? key);
  if (name.trim() === "") return null;
  // what a symbol took to be typed is part of it
  const shift = shiftKey && (isLetter || name.length > 1);
  return `${ctrlKey || metaKey ? "Ctrl+" : ""}${altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${name}`;
}

/** Why keys can't be given to a command. */
export type Refused = "browser" | "writing" | null;

export function refused(keys: string): Refused {
  if (BROWSERS_OWN.includes(keys)) return "browser";
  return WHILE_WRITING.includes(keys) ? "writing" : null;
}

/** Do both want the same presses, or does one begin with all of the other? */
export function collide(one: string, other: string): boolean {
  const [a, b] = [one.split(" "), other.split(" ")];
  return a.slice(0, b.length).join(" ") === b.slice(0, a.length).join(" ");
}

/** Can it begin a sequence? Then it is waited for another press. */
export function mayGoOn(press: string): boolean {
  const [parsed] = parseKeys(press);
  return parsed !== undefined && !parsed.ctrl && !parsed.alt && parsed.key.length === 1;
}
