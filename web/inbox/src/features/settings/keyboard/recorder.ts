import { mayGoOn, pressed, type KeyInput } from "@partyline/kit/shortcuts";

/** After a first press that may begin a sequence, a second one is waited for this long, in ms. */
export const SECOND_PRESS_MS = 1_200;

/** What was pressed so far, and whether another press may follow. Null: this press is none. */
export type Recorded = { keys: string; whole: boolean };

export function record(before: string | null, event: KeyInput): Recorded | null {
  const press = pressed(event);
  if (press === null) return null;
  if (before !== null) return { keys: `${before} ${press}`, whole: true };
  return { keys: press, whole: !mayGoOn(press) };
}
