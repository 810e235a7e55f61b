import type { Id, View } from "@partyline/kit/api";
import { isLabelView, isOpenView, type Sort } from "@partyline/kit/store";

/** Where somebody is: a view, of one team or of all, and perhaps a conversation. It is the page's address. */
export type Place = { team: Id | null; view: View; conversation: Id | null };

/** In the order in which they are offered. */
export const VIEWS: readonly View[] = ["unassigned", "mine", "all", "snoozed", "closed", "spam", "trash"];
/** What has to do with me, whatever the team. */
export const PERSONAL_VIEWS: readonly View[] = ["mentions", "following", "mine_snoozed"];
const HOME: Place = { team: null, view: "all", conversation: null };

/** Where the tasks are, and the messages of one's own. They are no lists of conversations, and so no views. */
export const TASKS_PATH = "/tasks";
/** Where the drafts are, which are no list of conversations either. */
export const DRAFTS_PATH = "/drafts";
/** Where everything is that I was told, no list of conversations either. */
export const NOTIFICATIONS_PATH = "/notifications";
export const SCHEDULED_PATH = "/scheduled";
export const SENT_PATH = "/sent";
const WHOLE_PAGES = new Map([
  [TASKS_PATH, "tasks"],
  [SCHEDULED_PATH, "scheduled"],
  [SENT_PATH, "sent"],
  [NOTIFICATIONS_PATH, "notifications"],
  [DRAFTS_PATH, "drafts"],
] as const);

type WholePage = "tasks" | "scheduled" | "sent" | "notifications" | "drafts";

/** What stands in place of list and thread at this address, if anything does. */
export function wholePage(path: string): WholePage | null {
  return (WHOLE_PAGES as ReadonlyMap<string, WholePage>).get(path) ?? null;
}

/** Reads "/mine/conv_…", "/label_…/conv_…" and "/team/team_…/all/conv_…"; anything else is home. */
export function parsePlace(path: string): Place {
  const parts = path.split("/").filter(Boolean);
  const team = parts[0] === "team" ? (parts[1] ?? null) : null;
  const [view, conversation] = team === null ? parts : parts.slice(2);
  const known = viewOf(view);
  if (known === undefined) return HOME;
  return { team, view: known, conversation: conversation?.startsWith("conv_") ? conversation : null };
}

function viewOf(word: string | undefined): View | undefined {
  if (word === undefined) return undefined;
  const view = word as View;
  return isLabelView(view) ? view : [...VIEWS, ...PERSONAL_VIEWS].find((candidate) => candidate === view);
}

export function placePath({ team, view, conversation }: Place): string {
  const list = team === null ? `/${view}` : `/team/${team}/${view}`;
  return conversation === null ? list : `${list}/${conversation}`;
}

/** The address of an entry: its conversation, at its place. */
export function entryPath(conversation: Id, entry: Id): string {
  return `${placePath({ team: null, view: "all", conversation })}?entry=${entry}`;
}

/** What to select when `id` leaves the list: the next row, at the end the one before it. */
export function neighbour(ids: readonly Id[], id: Id): Id | null {
  const at = ids.indexOf(id);
  if (at < 0) return null;
  return ids[at + 1] ?? ids[at - 1] ?? null;
}

const SORT_KEY = "partyline.sort";

/** Only what is open can wait. */
export function sortFor(view: View, chosen: Sort): Sort {
  return isOpenView(view) ? chosen : "newest";
}

export function storedSort(): Sort {
  return localStorage.getItem(SORT_KEY) === "newest" ? "newest" : "waiting";
}

export function storeSort(sort: Sort): void {
  localStorage.setItem(SORT_KEY, sort);
}
