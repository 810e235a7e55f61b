import { plural } from "@lingui/core/macro";
import type { Id } from "@partyline/kit/api";
import type { DragEvent } from "react";

const TYPE = "application/x-partyline-conversation";

/** Conversations are taken by the mouse. */
export function take(event: DragEvent, ids: readonly Id[]): void {
  event.dataTransfer.setData(TYPE, ids.join(" "));
  event.dataTransfer.effectAllowed = "move";
  if (ids.length > 1) showCount(event, ids.length);
}

/** Many hang at the pointer as their number. */
function showCount(event: DragEvent, count: number): void {
  const drawn = document.createElement("div");
  drawn.className = "dragged";
  drawn.textContent = plural(count, { one: "# conversation", other: "# conversations" });
  document.body.append(drawn);
  event.dataTransfer.setDragImage(drawn, -12, -8);
  // the browser has drawn it by then
  setTimeout(() => drawn.remove());
}

/** Are it conversations that hang over this? Then they can be let go here. */
export function hangs(event: DragEvent): boolean {
  if (!event.dataTransfer.types.includes(TYPE)) return false;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  return true;
}

/** The conversations that were let go. */
export function dropped(event: DragEvent): readonly Id[] {
  const ids = event.dataTransfer.getData(TYPE).split(" ").filter(Boolean);
  if (ids.length > 0) event.preventDefault();
  return ids;
}
