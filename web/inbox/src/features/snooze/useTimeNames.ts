import { useLingui } from "@lingui/react/macro";
import type { SnoozeTime } from "./times.ts";

/** What the times that are offered are called. */
export function useTimeNames(): Record<SnoozeTime["id"], string> {
  const { t } = useLingui();
  return {
    hour: t`In an hour`,
    evening: t`This evening`,
    tomorrow: t`Tomorrow morning`,
    monday: t`Monday morning`,
  };
}
