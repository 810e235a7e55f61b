import type { Client } from "../api/client.ts";
import { ApiProblem } from "../api/problem.ts";
import type {
  CannedResponse,
  Channel,
  Connection,
  Conversation,
  Draft,
  EventPage,
  HeldGroup,
  Id,
  Import,
  Label,
  Me,
  Page,
  SavedSearch,
  Team,
  User,
} from "../api/types.ts";
import type { Desk } from "./desk.ts";
import { isLabelView, listKey, type ListQuery } from "./lists.ts";
import type { ThreadPage } from "./threads.ts";

const LIST_PAGE = 100;
const THREAD_PAGE = 50;
const LOG_PAGE = 200;
const TABLE_PAGE = 200;
/** Between two looks at what is held, while much is told of it. */
const HELD_AGAIN_MS = 500;
/** Pages of the log read to fill a gap; beyond that it is cheaper to read the visible lists again. */
const MOST_LOG_PAGES = 10;

/** Brings what the desk lacks. Every method may reject with `ApiProblem` or `Unreachable`, unless it says otherwise. */
export class Loader {
  #client: Client;
  #desk: Desk;
  #underWay = new Map<string, Promise<void>>();

  constructor(client: Client, desk: Desk) {
    this.#client = client;
    this.#desk = desk;
  }

  async me(): Promise<Me> {
    const { data } = await this.#client.get<Me>("/me");
    this.#desk.signIn(data);
    return data;
  }

  /** Asks whether the session still stands: if it has ended, the client tells its listeners. Never rejects. */
  async checkSession(): Promise<void> {
    await this.#client.get<Me>("/me").catch(() => undefined);
  }

  /** The tables that every screen needs. */
  async tables(): Promise<void> {
    const [users, teams, channels, connections, labels, canned, saved] = await Promise.all([
      this.#all<User>("/users"),
      this.#all<Team>("/teams"),
      this.#all<Channel>("/channels"),
      // who answers sees when a provider can't be reached
      this.#all<Connection>("/connections"),
      this.#all<Label>("/labels"),
      this.#allCanned(),
      this.#allSaved(),
    ]);
    this.#desk.topics.batch(() => {
      this.#desk.setTable("users", users);
      this.#desk.setTable("teams", teams);
      this.#desk.setTable("channels", channels);
      this.#desk.setTable("connections", connections);
      this.#desk.setTable("labels", labels);
      this.#desk.setTable("canned", canned);
      this.#desk.setTable("saved", saved);
    });
  }

  async connections(): Promise<void> {
    this.#desk.setTable("connections", await this.#all<Connection>("/connections"));
  }

  /** The canned responses that the user may use, with how often each was used. */
  async canned(): Promise<void> {
    this.#desk.setTable("canned", await this.#allCanned());
  }

  /** The saved searches that the user sees. */
  async saved(): Promise<void> {
    this.#desk.setTable("saved", await this.#allSaved());
  }

  /** What is held, until nothing more is told of it meanwhile. Never rejects: what was known stays. */
  held(): Promise<void> {
    return this.#once("held", async () => {
      for (;;) {
        const seen = this.#desk.heldChanges;
        try {
          const { data } = await this.#client.get<Page<HeldGroup>>("/inbound/groups");
          this.#desk.setHeld(data.data);
        } catch {
          return;
        }
        if (this.#desk.heldChanges === seen) return;
        await new Promise((resolve) => setTimeout(resolve, HELD_AGAIN_MS));
      }
    });
  }

  async imports(channel: Id): Promise<void> {
    const { data } = await this.#client.get<Page<Import>>(`/channels/${channel}/imports`);
    this.#desk.setImports(channel, data.data);
  }

  /** The first page of a list, or its next one. Never rejects: the list's state says what happened. */
  list(query: ListQuery, part: "first" | "next"): Promise<void> {
    return this.#once(`list:${listKey(query)}`, async () => {
      const first = part === "first";
      const cursor = first ? null : this.#desk.cursor(query);
      if (!first && cursor === null) return;
      if (!this.#desk.list(query)?.ids.length) this.#desk.setListState(query, "loading");
      try {
        const { data, seq } = await this.#client.get<Page<Conversation>>("/conversations", {
          query: {
            ...(isLabelView(query.view) ? { label: query.view } : { view: query.view }),
            team: query.team,
            sort: query.sort,
            cursor,
            limit: LIST_PAGE,
          },
        });
        this.#desk.putPage(query, data, seq ?? this.#desk.seq, first);
      } catch {
        this.#desk.setListState(query, "failed");
      }
    });
  }

  /** The newest page of a thread, or the next one to either side of what is held. Never rejects. */
  thread(id: Id, part: "newest" | "older" | "newer"): Promise<void> {
    return this.#once(`thread:${id}:${part}`, async () => {
      const cursor = part === "newest" ? null : this.#desk.threadCursor(id, part);
      if (part !== "newest" && cursor === null) return;
      const held = this.#desk.thread(id);
      // who opens what could not be read before finds that it is read
      if (!held || held.state === "failed") this.#desk.setThreadState(id, "loading");
      try {
        const { data, seq } = await this.#client.get<ThreadPage>(`/conversations/${id}/entries`, {
          query: { cursor, limit: THREAD_PAGE },
        });
        // it was read from elsewhere meanwhile
        if (part !== "newest" && this.#desk.threadCursor(id, part) !== cursor) return;
        this.#desk.putThreadPage(id, data, seq ?? this.#desk.seq, part);
      } catch {
        if (!this.#desk.thread(id)?.entries.length) this.#desk.setThreadState(id, "failed");
      }
    });
  }

  /** Reads a thread around an entry, unless it is held. Answers whether it is there, and null where that can't be known. Never rejects. */
  async threadAround(id: Id, entry: Id): Promise<boolean | null> {
    if (this.#desk.thread(id)?.entries.some((one) => one.id === entry)) return true;
    if (!this.#desk.thread(id)) this.#desk.setThreadState(id, "loading");
    try {
      await this.#around(id, entry);
      return true;
    } catch (problem) {
      if (problem instanceof ApiProblem) return false;
      if (!this.#desk.thread(id)?.entries.length) this.#desk.setThreadState(id, "failed");
      return null;
    }
  }

  async #around(id: Id, entry: Id): Promise<void> {
    const { data, seq } = await this.#client.get<ThreadPage>(`/conversations/${id}/entries`, {
      query: { around: entry, limit: THREAD_PAGE },
    });
    this.#desk.putThreadPage(id, data, seq ?? this.#desk.seq, "around", entry);
  }

  /** One conversation, for a link that no list holds. Rejects with 404 where there is none. */
  async conversation(id: Id): Promise<void> {
    const { data, seq } = await this.#client.get<Conversation>(`/conversations/${id}`);
    this.#desk.putConversation(data, seq ?? this.#desk.seq);
  }

  /** The drafts of a conversation. Never rejects: what was known stays, and is read again with the next change. */
  drafts(id: Id): Promise<void> {
    return this.#once(`drafts:${id}`, async () => {
      try {
        const { data } = await this.#client.get<Page<Draft>>(`/conversations/${id}/drafts`);
        this.#desk.putDrafts(id, data.data);
      } catch {
        this.#desk.stale.drafts.add(id);
      }
    });
  }

  /** Reads again what a frame could not patch. Never rejects: what fails stays stale for the next round. */
  async refreshStale(): Promise<void> {
    const { conversations, threads, drafts, canned, saved } = this.#desk.stale;
    this.#desk.stale.canned = this.#desk.stale.saved = false;
    const again = (what: "canned" | "saved") => () => {
      this.#desk.stale[what] = true;
    };
    const work = [
      ...(this.#desk.stale.me ? [this.#meAgain()] : []),
      ...(canned ? [this.canned().catch(again("canned"))] : []),
      ...(saved ? [this.saved().catch(again("saved"))] : []),
      ...[...conversations].map(async (id) => {
        conversations.delete(id);
        await this.conversation(id).catch((problem: unknown) => {
          if (problem instanceof ApiProblem && problem.status === 404) this.#desk.dropConversation(id);
          else conversations.add(id);
        });
      }),
      ...[...drafts].map(async (id) => {
        drafts.delete(id);
        await this.drafts(id);
      }),
      ...[...threads].map(async (id) => {
        threads.delete(id);
        const anchor = this.#desk.threadAnchor(id);
        if (anchor === null) await this.thread(id, "newest");
        else await this.#around(id, anchor).catch(() => undefined);
      }),
    ];
    await Promise.all(work);
  }

  async #meAgain(): Promise<void> {
    this.#desk.stale.me = false;
    await this.me().catch(() => {
      this.#desk.stale.me = true;
    });
  }

  /** Reads the log from the desk's seq on. Where that is too far back, reads the visible lists and threads again. */
  async fillGap(): Promise<void> {
    try {
      let cursor: string | null = null;
      for (let page = 0; page < MOST_LOG_PAGES; page += 1) {
        const query: Record<string, string | number | null> = cursor === null ? { after: this.#desk.seq } : { cursor };
        const { data }: { data: EventPage } = await this.#client.get<EventPage>("/events", {
          query: { ...query, limit: LOG_PAGE },
        });
        this.#desk.applyLog(data);
        cursor = data.next_cursor;
        if (cursor === null) return;
      }
    } catch (problem) {
      if (!(problem instanceof ApiProblem) || problem.status === 401 || problem.status >= 500) throw problem;
    }
    await this.readAgain();
  }

  /** Forgets how the copy came to be and reads what is on screen anew. */
  async readAgain(): Promise<void> {
    const me = await this.me();
    await this.tables();
    this.#desk.heldChanged();
    for (const id of this.#desk.loadedThreads()) this.#desk.stale.threads.add(id);
    this.#desk.draftsMayDiffer();
    await Promise.all([...this.#desk.lists().map(({ query }) => this.list(query, "first")), this.refreshStale()]);
    this.#desk.seq = Math.max(this.#desk.seq, me.seq);
  }

  /** Who only reads uses none. */
  async #allCanned(): Promise<CannedResponse[]> {
    const may = this.#desk.me?.permissions.includes("conversation.reply") ?? false;
    return may ? this.#all<CannedResponse>("/canned_responses") : [];
  }

  async #allSaved(): Promise<SavedSearch[]> {
    const may = this.#desk.me?.permissions.includes("conversation.read") ?? false;
    return may ? this.#all<SavedSearch>("/saved_searches") : [];
  }

  async #all<T>(path: string): Promise<T[]> {
    const rows: T[] = [];
    let cursor: string | null = null;
    do {
      const { data }: { data: Page<T> } = await this.#client.get<Page<T>>(path, {
        query: { limit: TABLE_PAGE, cursor },
      });
      rows.push(...data.data);
      cursor = data.next_cursor ?? null;
    } while (cursor !== null);
    return rows;
  }

  #once(key: string, work: () => Promise<void>): Promise<void> {
    const running = this.#underWay.get(key);
    if (running) return running;
    const started = work().finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, started);
    return started;
  }
}
