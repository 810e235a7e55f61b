import type { Id } from "@partyline/kit/api";
import { useSyncExternalStore } from "react";

/** The note that is being rewritten in this tab: one at a time. `back` gives the focus back to where it came from. */
export type Editing = { note: Id; back: () => void };

let editing: Editing | null = null;
const listeners = new Set<() => void>();

export function setEditing(next: Editing | null): void {
  editing = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function useEditing(note: Id): Editing | null {
  return useSyncExternalStore(subscribe, () => (editing?.note === note ? editing : null));
}
