import { useLingui } from "@lingui/react/macro";
import type { Priority } from "@partyline/kit/api";
import { ArrowDown, ArrowUp, ChevronsUp } from "@partyline/kit/ui/icons";
import css from "./priority.module.css";

/** How urgent the team says it is; nothing where it says nothing. */
export function PriorityMark({ priority }: { priority: Priority }) {
  const { t } = useLingui();
  switch (priority) {
    case "none":
      return null;
    case "low":
      return <ArrowDown className={css.low} aria-label={t`low priority`} />;
    case "high":
      return <ArrowUp className={css.high} aria-label={t`high priority`} />;
    case "urgent":
      return <ChevronsUp className={css.urgent} aria-label={t`urgent`} />;
  }
}
