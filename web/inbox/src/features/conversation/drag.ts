import type { Id } from "@partyline/kit/api";
import type { DragEvent } from "react";

const TYPE = "application/x-partyline-conversation";

/** A conversation is taken by the mouse. */
export function take(event: DragEvent, id: Id): void {
  event.dataTransfer.setData(TYPE, id);
  event.dataTransfer.effectAllowed = "move";
}

/** Is it a conversation that hangs over this? Then it can be let go here. */
export function hangs(event: DragEvent): boolean {
  if (!event.dataTransfer.types.includes(TYPE)) return false;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  return true;
}

/** The conversation that was let go. */
export function dropped(event: DragEvent): Id | null {
  const id = event.dataTransfer.getData(TYPE);
  if (id === "") return null;
  event.preventDefault();
  return id;
}
