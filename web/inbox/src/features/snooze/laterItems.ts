import { clockTime, fullWhen } from "@partyline/kit/i18n";
import type { MenuItem } from "@partyline/kit/ui";
import { snoozeTimes, type SnoozeTime } from "./times.ts";

/** The times that are offered at `now`, as items of a menu. */
export function laterItems(now: Date, names: Record<SnoozeTime["id"], string>, onPick: (at: Date) => void): MenuItem[] {
  return snoozeTimes(now).map(({ id, at }) => ({
    id,
    label: names[id],
    detail: id === "monday" ? fullWhen(at) : clockTime(at),
    onSelect: () => onPick(at),
  }));
}
