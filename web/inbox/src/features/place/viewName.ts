import { t } from "@lingui/core/macro";
import type { Team, View } from "@partyline/kit/api";
import type { Place } from "./place.ts";

export type ViewName = { team: string | null; view: string };

export function viewLabel(view: View): string {
  switch (view) {
    case "unassigned":
      return t`Unassigned`;
    case "mine":
      return t`Mine`;
    case "all":
      return t`All`;
    case "closed":
      return t`Closed`;
  }
}

/** What the list is called. */
export function viewName({ team, view }: Pick<Place, "team" | "view">, teams: readonly Team[]): ViewName {
  return { team: team === null ? null : (teams.find(({ id }) => id === team)?.name ?? t`Team`), view: viewLabel(view) };
}
