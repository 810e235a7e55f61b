/** One key press of a shortcut, as written in a command: "J", "Shift+E", "Ctrl+Enter", "?". */
export type Press = { key: string; ctrl: boolean; alt: boolean; shift: boolean };

/** "G M" is a sequence of two presses. Letters match without Shift unless it is named; "Ctrl" is Cmd on a Mac. */
export function parseKeys(keys: string): Press[] {
  return keys.split(" ").map((press) => {
    const parts = partsOf(press);
    const key = parts.at(-1) ?? "";
    return {
      key: key.toLowerCase(),
      ctrl: parts.includes("Ctrl"),
      alt: parts.includes("Alt"),
      shift: parts.includes("Shift"),
    };
  });
}

/** Modifiers and key: "+" stands between them, and can be the key itself. */
function partsOf(press: string): string[] {
  return press.endsWith("+") ? [...press.slice(0, -1).split("+").filter(Boolean), "+"] : press.split("+");
}

export type KeyInput = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

const LETTER = /^[a-z]$/;
const DIGIT = /^[0-9]$/;

/** Whether the event is that press. Symbols ("?") match by what they type, whatever Shift it took. */
export function matches(press: Press, event: KeyInput): boolean {
  if (press.ctrl !== (event.ctrlKey || event.metaKey) || press.alt !== event.altKey) return false;
  const typed = event.key.toLowerCase();
  const named = press.key.length > 1;
  if ((LETTER.test(press.key) || named) && press.shift !== event.shiftKey) return false;
  if (typed === press.key) return true;
  // Where digits take Shift to be typed, and where Alt types something else, the key is the same.
  if (DIGIT.test(press.key) && (press.ctrl || press.alt)) return event.code === `Digit${press.key}` && !event.shiftKey;
  // A layout without Latin letters, or Alt on a Mac, types something else: go by the position then.
  const latin = /^[\x20-\x7e]$/.test(event.key);
  if (latin) return false;
  if (LETTER.test(press.key)) return event.code === `Key${press.key.toUpperCase()}`;
  return press.key === "." && event.code === "Period";
}

const CAP_NAMES: Record<string, string> = { Enter: "↵", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" };
const MAC_NAMES: Record<string, string> = { ...CAP_NAMES, Ctrl: "⌘", Alt: "⌥", Shift: "⇧" };

/** The key caps to draw, one for each press: "Ctrl+Enter" → ["Ctrl ↵"], "G M" → ["G", "M"]. */
export function keyCaps(keys: string, mac: boolean): string[] {
  const names = mac ? MAC_NAMES : CAP_NAMES;
  return keys.split(" ").map((press) =>
    partsOf(press)
      .map((part) => names[part] ?? part)
      .join(" "),
  );
}

export function isMac(): boolean {
  return typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);
}
