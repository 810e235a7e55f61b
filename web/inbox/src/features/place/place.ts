import type { Id, View } from "@partyline/kit/api";
import type { Sort } from "@partyline/kit/store";

/** Where somebody is: a view, of one team or of all, and perhaps a conversation. It is the page's address. */
export type Place = { team: Id | null; view: View; conversation: Id | null };

const VIEWS: readonly View[] = ["unassigned", "mine", "all", "closed"];
const HOME: Place = { team: null, view: "all", conversation: null };

/** Reads "/mine/conv_…" and "/team/team_…/all/conv_…"; anything else is home. */
export function parsePlace(path: string): Place {
  const parts = path.split("/").filter(Boolean);
  const team = parts[0] === "team" ? (parts[1] ?? null) : null;
  const [view, conversation] = team === null ? parts : parts.slice(2);
  const known = VIEWS.find((candidate) => candidate === view);
  if (known === undefined) return HOME;
  return { team, view: known, conversation: conversation?.startsWith("conv_") ? conversation : null };
}

export function placePath({ team, view, conversation }: Place): string {
  const list = team === null ? `/${view}` : `/team/${team}/${view}`;
  return conversation === null ? list : `${list}/${conversation}`;
}

/** What to select when `id` leaves the list: the next row, at the end the one before it. */
export function neighbour(ids: readonly Id[], id: Id): Id | null {
  const at = ids.indexOf(id);
  if (at < 0) return null;
  return ids[at + 1] ?? ids[at - 1] ?? null;
}

const SORT_KEY = "partyline.sort";

/** The closed are never waiting. */
export function sortFor(view: View, chosen: Sort): Sort {
  return view === "closed" ? "newest" : chosen;
}

export function storedSort(): Sort {
  return localStorage.getItem(SORT_KEY) === "newest" ? "newest" : "waiting";
}

export function storeSort(sort: Sort): void {
  localStorage.setItem(SORT_KEY, sort);
}
