import { useLingui } from "@lingui/react/macro";
import type { CannedResponse } from "@partyline/kit/api";
import { useTeams } from "@partyline/kit/react";

/** Whose a canned response is, in words. */
export function useWhose(): (of: Pick<CannedResponse, "scope" | "team_id">) => string {
  const { t } = useLingui();
  const teams = useTeams();
  return ({ scope, team_id }) => {
    if (scope === "workspace") return t`Everybody`;
    if (scope === "personal") return t`Only you`;
    return teams.find(({ id }) => id === team_id)?.name ?? t`A team`;
  };
}
