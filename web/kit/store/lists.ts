import type { Conversation, Counts, Id, LabelView, Tallies, Tally, View } from "../api/types.ts";

export type Sort = "newest" | "waiting";
/** The order that a list has. */
export type Order = Sort | "wakes" | "mentioned";
/** Which conversations, and in which order. `team` null is the whole workspace. */
export type ListQuery = { view: View; team: Id | null; sort: Sort };

export function listKey(query: ListQuery): string {
  return `${query.team ?? ""}/${query.view}/${query.sort}`;
}

export type LoadState = "empty" | "loading" | "ready" | "failed";

/** What a list shows. `ids` keeps its identity until it changes. */
export type ListState = {
  query: ListQuery;
  ids: readonly Id[];
  /** How many wait outside `ids` because the list is held still. */
  fresh: number;
  /** True while more pages are on the server. */
  more: boolean;
  state: LoadState;
};

/** Whose list it is, and what it takes to tell what belongs there. */
export type Eyes = {
  me: Id | null;
  /** A label and those below it. */
  withBelow: (label: Id) => ReadonlySet<Id>;
};

export function isLabelView(view: View): view is LabelView {
  return view.startsWith("label_");
}

/** Does a view show what is open, and in an order to choose? In the others nobody waits. */
export function isOpenView(view: View): view is "unassigned" | "mine" | "all" | LabelView {
  return view === "unassigned" || view === "mine" || view === "all" || isLabelView(view);
}

/** How many there are in a view, where that is counted. */
export function tallyOf(tallies: Tallies | Counts | null | undefined, view: View): Tally | undefined {
  if (!tallies || view === "spam" || view === "trash") return undefined;
  if (isLabelView(view)) return "labels" in tallies ? tallies.labels[view] : undefined;
  if (view === "mine_snoozed" || view === "mentions" || view === "following")
    return "labels" in tallies ? tallies[view] : undefined;
  return tallies[view];
}

export function orderOf({ view, sort }: ListQuery): Order {
  if (view === "snoozed" || view === "mine_snoozed") return "wakes";
  if (view === "mentions") return "mentioned";
  return isOpenView(view) ? sort : "newest";
}

/** Whether the conversation belongs on the list of this user. */
export function belongs({ view, team }: ListQuery, conversation: Conversation, eyes: Eyes): boolean {
  const { status, assignee_ids, label_ids } = conversation;
  if (team !== null && conversation.team_id !== team) return false;
  if (conversation.merged_into !== null) return false;
  const mine = eyes.me !== null && assignee_ids.includes(eyes.me);
  // what is spam or trash is looked at there only
  const kept = status === "open" || status === "snoozed" || status === "closed";
  switch (view) {
    case "mine_snoozed":
      return status === "snoozed" && mine;
    case "mentions":
      return kept && conversation.mentioned_at !== null;
    case "following":
      return kept && conversation.following;
    case "unassigned":
      return status === "open" && assignee_ids.length === 0;
    case "mine":
      return status === "open" && mine;
    case "all":
      return status === "open";
    case "closed":
    case "snoozed":
    case "spam":
    case "trash":
      return status === view;
  }
  const wanted = eyes.withBelow(view);
  return status === "open" && label_ids.some((label) => wanted.has(label));
}

/** The server's order: the most recent first, or who has waited longest first and the answered after them, and so on. */
export function compare(order: Order, a: Conversation, b: Conversation): number {
  const older = a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
  const last = (time: string | null) => (time === null ? Number.MAX_SAFE_INTEGER : instant(time));
  switch (order) {
    case "waiting":
      if (a.waiting_since === null && b.waiting_since === null) break;
      return last(a.waiting_since) - last(b.waiting_since) || -older;
    case "wakes":
      return last(a.snoozed_until) - last(b.snoozed_until) || older;
    case "mentioned":
      return instant(b.mentioned_at ?? "") - instant(a.mentioned_at ?? "") || -older;
    default:
  }
  return instant(b.last_activity_at) - instant(a.last_activity_at) || -older;
}

function instant(time: string): number {
  return Date.parse(time) || 0;
}

/** One list as the store keeps it: members, what is shown of them, and how far the pages reach. */
export class List {
  readonly query: ListQuery;
  readonly members = new Set<Id>();
  cursor: string | null = null;
  #state: LoadState = "empty";
  #held = false;
  /** The last conversation of the last page; what sorts after it is not loaded yet. Null: everything is loaded. */
  #edge: Conversation | null = null;
  #shown: readonly Id[] = [];
  #snapshot: ListState | null = null;

  constructor(query: ListQuery) {
    this.query = query;
  }

  get held(): boolean {
    return this.#held;
  }

  setState(state: LoadState): void {
    this.#state = state;
    this.#snapshot = null;
  }

  /** While held, new and moved rows wait; only rows that no longer belong go. */
  hold(held: boolean): void {
    this.#held = held;
  }

  /** Takes in a page. `first` starts the list anew. */
  page(ids: readonly Id[], cursor: string | null, last: Conversation | undefined, first: boolean): void {
    if (first) this.members.clear();
    for (const id of ids) this.members.add(id);
    this.cursor = cursor;
    this.#edge = cursor === null ? null : (last ?? this.#edge);
    this.#state = "ready";
    this.#snapshot = null;
  }

  /** Puts the conversation in or out. Answers whether anything may have changed. */
  place(id: Id, conversation: Conversation | undefined, eyes: Eyes): boolean {
    const had = this.members.has(id);
    const inside = conversation !== undefined && belongs(this.query, conversation, eyes) && this.#reaches(conversation);
    if (inside) this.members.add(id);
    else this.members.delete(id);
    return had || inside;
  }

  /** Computes the order anew. `reveal` shows also what waited. */
  arrange(find: (id: Id) => Conversation | undefined, reveal: boolean): void {
    if (this.#held && !reveal) {
      const kept = this.#shown.filter((id) => this.members.has(id));
      if (kept.length !== this.#shown.length) this.#shown = kept;
    } else {
      const members = [...this.members].flatMap((id) => find(id) ?? []);
      const next = members.sort((a, b) => compare(orderOf(this.query), a, b)).map(({ id }) => id);
      if (next.length !== this.#shown.length || next.some((id, at) => id !== this.#shown[at])) this.#shown = next;
    }
    this.#snapshot = null;
  }

  snapshot(): ListState {
    this.#snapshot ??= {
      query: this.query,
      ids: this.#shown,
      fresh: this.members.size - this.#shown.length,
      more: this.cursor !== null || this.#state === "empty",
      state: this.#state,
    };
    return this.#snapshot;
  }

  #reaches(conversation: Conversation): boolean {
    return this.#edge === null || compare(orderOf(this.query), conversation, this.#edge) <= 0;
  }
}
