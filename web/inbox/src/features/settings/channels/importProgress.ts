import type { Import } from "@partyline/kit/api";

/** How much of its time an import has gone through, from 0 to 1; undefined until that is known. It goes oldest first. */
export function shareDone({ since, until, at }: Pick<Import, "since" | "until" | "at">): number | undefined {
  if (since === null || until === null || at === null) return undefined;
  const whole = Date.parse(until) - Date.parse(since);
  if (whole <= 0) return 1;
  return Math.min(1, Math.max(0, (Date.parse(at) - Date.parse(since)) / whole));
}
