import type { Keys } from "../api/types.ts";
import { DEFAULT_KEYS, keysUnder } from "./keymap.ts";
import { matches, parseKeys, type KeyInput, type Press } from "./keys.ts";

/** One thing that a user can do. The palette, the help, menus and buttons all draw from it. */
export type Command<Text = string> = {
  /** Stable, dotted: "conversation.close". */
  id: string;
  title: Text;
  /** Words that also find it in the palette. */
  also?: Text;
  /** Heading in the palette and in the help. */
  group: Text;
  /** The first is shown; the others are aliases. */
  keys?: readonly string[];
  /** Where it is left out, always. */
  when?: () => boolean;
  /** Works while a text field has the focus. Presses with Ctrl or Alt do so by themselves. */
  inFields?: boolean;
  /** Never while a text field has the focus: there the browser does something else with its keys. */
  notInFields?: boolean;
  /** Kept out of the palette (it makes no sense there). */
  unlisted?: boolean;
  run: () => void;
};

/** How long a sequence ("G M") waits for its next press, in ms. */
const SEQUENCE_MS = 1_200;

type Bound<Text> = { command: Command<Text>; presses: Press[] };

/** The commands that exist right now, and the matcher of their keys. */
export class Commands<Text = string> {
  #groups = new Map<symbol, readonly Command<Text>[]>();
  #listeners = new Set<() => void>();
  #list: readonly Command<Text>[] = [];
  #bound: Bound<Text>[] = [];
  #partial: { bound: Bound<Text>[]; depth: number; at: number } | null = null;
  #before: ((id: string) => void) | null = null;
  #paused = 0;
  #keys = DEFAULT_KEYS;

  /** Adds commands; a later one with the same id wins. Returns the way to take them away. */
  add(commands: readonly Command<Text>[]): () => void {
    const key = Symbol("commands");
    this.#groups.set(key, commands);
    this.#rebuild();
    return () => {
      this.#groups.delete(key);
      this.#rebuild();
    };
  }

  list = (): readonly Command<Text>[] => this.#list;

  find(id: string): Command<Text> | undefined {
    return this.#list.find((command) => command.id === id);
  }

  run(id: string): void {
    this.#before?.(id);
    const command = this.find(id);
    if (command && (command.when?.() ?? true)) command.run();
  }

  /** Told of each command before it runs; it may change what the command does. Returns the way to stop. */
  before(listener: (id: string) => void): () => void {
    this.#before = listener;
    return () => {
      this.#before = null;
    };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Keys rest while a dialog is open. Returns the way to end the rest. */
  pause(): () => void {
    this.#paused += 1;
    let done = false;
    return () => {
      if (!done) this.#paused -= 1;
      done = true;
    };
  }

  /** From now on each command has the keys that somebody wants it to have (WCAG 2.1.4: single ones can be switched off). */
  setKeys(keys: Keys): void {
    this.#keys = keys;
    this.#partial = null;
    this.#rebuild();
  }

  /** The keys that a command with such defaults has, whether or not somebody has added it. */
  keysOf(id: string, defaults: readonly string[]): readonly string[] {
    return keysUnder(this.#keys, id, defaults);
  }

  /** Runs the command that the event completes. Answers whether the event was taken. `now` in ms. */
  press(event: KeyInput & { isComposing?: boolean; keyCode?: number }, inField: boolean, now: number): boolean {
    // 229: the key belongs to an input method that is composing.
    if (this.#paused > 0 || event.isComposing || event.keyCode === 229) return false;
    if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return false;
    const partial = this.#partial && now - this.#partial.at <= SEQUENCE_MS ? this.#partial : null;
    this.#partial = null;
    for (const { bound, depth } of partial
      ? [partial, { bound: this.#bound, depth: 0 }]
      : [{ bound: this.#bound, depth: 0 }]) {
      const hits = bound.filter(({ command, presses }) => {
        const press = presses[depth];
        return press && matches(press, event) && this.#reachable(command, press, inField);
      });
      const complete = hits.find(({ presses }) => presses.length === depth + 1);
      if (complete) {
        this.run(complete.command.id);
        return true;
      }
      if (hits.length > 0) {
        this.#partial = { bound: hits, depth: depth + 1, at: now };
        return true;
      }
    }
    return false;
  }

  #reachable(command: Command<Text>, press: Press, inField: boolean): boolean {
    const modified = press.ctrl || press.alt;
    if (inField && (command.notInFields || (!modified && !command.inFields))) return false;
    return command.when?.() ?? true;
  }

  #rebuild(): void {
    const byId = new Map<string, Command<Text>>();
    for (const commands of this.#groups.values())
      for (const command of commands) {
        const { id, keys } = command;
        byId.set(id, keys ? { ...command, keys: keysUnder(this.#keys, id, keys) } : command);
      }
    this.#list = [...byId.values()];
    this.#bound = this.#list.flatMap((command) =>
      (command.keys ?? []).map((keys) => ({ command, presses: parseKeys(keys) })),
    );
    for (const listener of this.#listeners) listener();
  }
}

/** Whether the keys belong to something that is open above the page: a dialog or a menu. */
export function isOverlay(target: EventTarget | null): boolean {
  if (document.querySelector("dialog[open]")) return true;
  return target instanceof Element && target.closest('[role="menu"], [role="dialog"], [data-overlay]') !== null;
}

/** Whether keys typed into the element are text. */
export function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return (
    target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "range"].includes(target.type)
  );
}
