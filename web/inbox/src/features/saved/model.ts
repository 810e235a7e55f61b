import type { SavedSearch, User } from "@partyline/kit/api";

const OWNERS: readonly SavedSearch["scope"][] = ["personal", "team", "workspace"];

/** In the order of the sidebar: one's own, the teams', everybody's; pinned ones of each as they were put, the others as they were made. */
export function inOrder(saved: readonly SavedSearch[]): SavedSearch[] {
  return saved.toSorted(
    (a, b) =>
      OWNERS.indexOf(a.scope) - OWNERS.indexOf(b.scope) ||
      compare(a.team_id ?? "", b.team_id ?? "") ||
      (a.position ?? Infinity) - (b.position ?? Infinity) ||
      compare(a.id, b.id),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What stands in somebody's sidebar. Who sees everything is not shown what is pinned for teams that they are not in. */
export function pinnedFor(saved: readonly SavedSearch[], me: User | undefined): SavedSearch[] {
  const isMine = ({ team_id }: SavedSearch) => team_id === null || me?.team_ids.includes(team_id) === true;
  return inOrder(saved).filter((one) => one.position !== null && isMine(one));
}

/** The pinned ones with the same owner, in their order. */
export function besides(saved: readonly SavedSearch[], one: SavedSearch): SavedSearch[] {
  return inOrder(saved).filter(
    ({ scope, team_id, position }) => scope === one.scope && team_id === one.team_id && position !== null,
  );
}
