import type { Conversation, Id, View } from "../api/types.ts";

export type Sort = "newest" | "waiting";
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

/** Whether the conversation belongs on the list of this user. */
export function belongs(query: ListQuery, conversation: Conversation, me: Id | null): boolean {
  if (query.team !== null && conversation.team_id !== query.team) return false;
  if (conversation.merged_into !== null) return false;
  if (query.view === "closed") return conversation.status === "closed";
  if (conversation.status !== "open") return false;
  if (query.view === "unassigned") return conversation.assignee_ids.length === 0;
  if (query.view === "mine") return me !== null && conversation.assignee_ids.includes(me);
  return true;
}

/** The server's order: the most recent first, or who has waited longest first and the answered after them. */
export function compare(sort: Sort, a: Conversation, b: Conversation): number {
  if (sort === "waiting" && a.waiting_since !== b.waiting_since) {
    if (a.waiting_since === null) return 1;
    if (b.waiting_since === null) return -1;
    return instant(a.waiting_since) - instant(b.waiting_since) || (a.id < b.id ? 1 : -1);
  }
  if (sort === "waiting" && a.waiting_since !== null) return a.id === b.id ? 0 : a.id < b.id ? 1 : -1;
  return instant(b.last_activity_at) - instant(a.last_activity_at) || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1);
}

function instant(time: string): number {
  return Date.parse(time);
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
  place(id: Id, conversation: Conversation | undefined, me: Id | null): boolean {
    const had = this.members.has(id);
    const inside = conversation !== undefined && belongs(this.query, conversation, me) && this.#reaches(conversation);
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
      const next = members.sort((a, b) => compare(this.query.sort, a, b)).map(({ id }) => id);
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
    return this.#edge === null || compare(this.query.sort, conversation, this.#edge) <= 0;
  }
}
