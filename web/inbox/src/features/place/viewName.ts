import { t } from "@lingui/core/macro";
import type { Label, Team, View } from "@partyline/kit/api";
import { isLabelView } from "@partyline/kit/store";
import type { Place } from "./place.ts";

export type ViewName = { team: string | null; view: string };

/** What a view is called; within a team, shorter. A label is called by its name, where `labels` holds it. */
export function viewLabel(view: View, labels: readonly Label[] = [], inTeam = false): string {
  if (isLabelView(view)) return labels.find(({ id }) => id === view)?.name ?? t`Label`;
  switch (view) {
    case "unassigned":
      return t`Unassigned`;
    case "mine":
      return t`Mine`;
    case "all":
      return t`All`;
    case "snoozed":
      return inTeam ? t`Snoozed` : t`All snoozed`;
    case "mine_snoozed":
      return t`Snoozed`;
    case "mentions":
      return t`Mentions`;
    case "following":
      return t`Following`;
    case "closed":
      return t`Closed`;
    case "spam":
      return t`Spam`;
    case "trash":
      return t`Trash`;
  }
}

/** What the list is called. */
export function viewName(
  { team, view }: Pick<Place, "team" | "view">,
  teams: readonly Team[],
  labels: readonly Label[],
): ViewName {
  return {
    team: team === null ? null : (teams.find(({ id }) => id === team)?.name ?? t`Team`),
    view: viewLabel(view, labels, team !== null),
  };
}
