import type { HeldState } from "@partyline/kit/api";

/** In the order of their tabs. */
export const HELD_STATES = ["quarantined", "replayed", "dismissed"] as const satisfies readonly HeldState[];

export const HELD = "/settings/held";

/** The state that an address names. */
export function heldState(part: string | undefined): HeldState {
  return HELD_STATES.find((state) => state === part) ?? "quarantined";
}

/** The address of a tab. */
export function heldPath(state: HeldState): string {
  return state === "quarantined" ? HELD : `${HELD}/${state}`;
}
