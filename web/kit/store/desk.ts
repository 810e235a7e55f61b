import type {
  Attention,
  Bulk,
  CannedResponse,
  Channel,
  Connection,
  Conversation,
  Counts,
  Draft,
  DraftNow,
  Entry,
  EventPage,
  Frame,
  HeldGroup,
  Id,
  Import,
  Label,
  LogEvent,
  Me,
  Notification,
  Page,
  Presence,
  ReadMark,
  SavedSearch,
  Team,
  User,
} from "../api/types.ts";
import { compare, List, listKey, type Eyes, type ListQuery, type ListState } from "./lists.ts";
import { Thread, type ThreadPage, type ThreadPart, type ThreadState } from "./threads.ts";
import { Topics } from "./topics.ts";

/** Conversation summaries kept; the least wanted go first. */
const MOST_CONVERSATIONS = 5_000;
/** Threads kept. */
const MOST_THREADS = 50;
/** A thread that was read within this, in ms, is not read again when it is opened. */
const FRESH_MS = 60_000;
/** Conversations that a search here looks through. */
const MOST_RECENT = 1_000;
/** Changes of many conversations whose state is kept; nobody waits for those before. */
const MOST_BULKS = 20;
/** What the user was told and nothing has shown yet. */
const MOST_NEWS = 20;

type Patch = Partial<Conversation>;
type Known = { base: Conversation; seq: number; overlays: Patch[]; shown: Conversation };
/** Small tables that are held whole. */
export type Tables = {
  users: User;
  teams: Team;
  channels: Channel;
  connections: Connection;
  labels: Label;
  /** Those that the user may use. */
  canned: CannedResponse;
  /** Those that the user sees. */
  saved: SavedSearch;
};
type TableName = keyof Tables;

const NO_PRESENCE: Omit<Presence, "conversation_id"> = { viewers: [], typing: [] };

/**
 * This tab's copy of what its user may see. Frames and answers go in, snapshots come out; who listens is told by key.
 * A thing is never replaced by an older state of itself: each knows the workspace's seq in which it was read.
 */
export class Desk {
  /** The last seq that is applied without a gap. */
  seq = 0;
  readonly topics = new Topics();
  #me: Me | null = null;
  #counts: Counts | null = null;
  #held: readonly HeldGroup[] | null = null;
  #heldChanges = 0;
  #taskChanges = 0;
  #sentChanges = 0;
  #draftChanges = 0;
  /** By conversation; only of those whose drafts were asked for. */
  #drafts = new Map<Id, readonly Draft[]>();
  #unseen = 0;
  #notificationChanges = 0;
  #news: Notification[] = [];
  #conversations = new Map<Id, Known>();
  #threads = new Map<Id, Thread>();
  #lists = new Map<string, List>();
  #ofContact = new Map<Id, readonly Conversation[]>();
  #presence = new Map<Id, Presence>();
  #presenceRows: readonly Presence[] | null = null;
  #tables: { [Name in TableName]: Map<Id, Tables[Name]> } = {
    users: new Map(),
    teams: new Map(),
    channels: new Map(),
    connections: new Map(),
    labels: new Map(),
    canned: new Map(),
    saved: new Map(),
  };
  /** Of each label, it and those below it; made when it is asked for. */
  #below = new Map<Id, ReadonlySet<Id>>();
  #rows: { [Name in TableName]?: readonly Tables[Name][] } = {};
  /** By channel, newest first; only of channels whose imports were asked for. */
  #imports = new Map<Id, readonly Import[]>();
  #bulks = new Map<Id, Bulk>();
  /** Lists that are put in order once all of a change is in; null: at once. */
  #disordered: Set<string> | null = null;
  /** What a frame could not patch; whoever loads takes it from here. */
  readonly stale = {
    conversations: new Set<Id>(),
    threads: new Set<Id>(),
    drafts: new Set<Id>(),
    me: false,
    canned: false,
    saved: false,
  };

  /** Is there something that a frame could not patch? */
  get isStale(): boolean {
    const { conversations, threads, drafts, me, canned, saved } = this.stale;
    return me || canned || saved || conversations.size + threads.size + drafts.size > 0;
  }

  // --- reading -------------------------------------------------------------------------------------------------

  get me(): Me | null {
    return this.#me;
  }
  get counts(): Counts | null {
    return this.#counts;
  }
  /** What is held, alike together; null until it is loaded. */
  get held(): readonly HeldGroup[] | null {
    return this.#held;
  }
  /** How often the log has told of held messages: what was read at another number is old. */
  get heldChanges(): number {
    return this.#heldChanges;
  }
  /** How often the log has told of something that lists of tasks show: what was read at another number is old. */
  get taskChanges(): number {
    return this.#taskChanges;
  }
  /** The same of lists of messages that we wrote. */
  get sentChanges(): number {
    return this.#sentChanges;
  }
  /** How often the log has told of something that lists of drafts show: what was read at another number is old. */
  get draftChanges(): number {
    return this.#draftChanges;
  }
  /** The drafts of a conversation, one per channel; undefined until they were read. */
  drafts(id: Id): readonly Draft[] | undefined {
    return this.#drafts.get(id);
  }
  /** How much of what the user was told they have not seen, up to 100. */
  get unseen(): number {
    return this.#unseen;
  }
  /** How often that has changed: what was read at another number is old. */
  get notificationChanges(): number {
    return this.#notificationChanges;
  }
  /** What the user was told since this was last asked. */
  takeNews(): Notification[] {
    return this.#news.splice(0);
  }
  conversation(id: Id): Conversation | undefined {
    return this.#conversations.get(id)?.shown;
  }
  /** The conversations of a contact that are known here, the most recent first. */
  conversationsOf(contact: Id): readonly Conversation[] {
    const all = [...this.#conversations.values()]
      .map(({ shown }) => shown)
      .filter((shown) => shown.contact.id === contact);
    const found = all.sort((a, b) => compare("newest", a, b));
    const before = this.#ofContact.get(contact);
    if (before && before.length === found.length && before.every((conversation, at) => conversation === found[at]))
      return before;
    this.#ofContact.set(contact, found);
    return found;
  }
  /** Conversations known here, the most recent first, at most `most`. */
  recentConversations(most = MOST_RECENT): Conversation[] {
    return [...this.#conversations.values()]
      .map(({ shown }) => shown)
      .sort((a, b) => compare("newest", a, b))
      .slice(0, most);
  }
  thread(id: Id): ThreadState | undefined {
    return this.#threads.get(id)?.snapshot();
  }
  list(query: ListQuery): ListState | undefined {
    return this.#lists.get(listKey(query))?.snapshot();
  }
  lists(): ListState[] {
    return [...this.#lists.values()].map((list) => list.snapshot());
  }
  presence(id: Id): Omit<Presence, "conversation_id"> {
    return this.#presence.get(id) ?? NO_PRESENCE;
  }
  /** Who is where, of all conversations. */
  allPresence(): readonly Presence[] {
    this.#presenceRows ??= [...this.#presence.values()];
    return this.#presenceRows;
  }
  /** Its rows by name. */
  table<Name extends TableName>(name: Name): readonly Tables[Name][] {
    const rows = this.#rows[name] ?? [...this.#tables[name].values()].sort(byName);
    (this.#rows as Record<TableName, unknown>)[name] = rows;
    return rows as readonly Tables[Name][];
  }
  row<Name extends TableName>(name: Name, id: Id | null | undefined): Tables[Name] | undefined {
    return id ? this.#tables[name].get(id) : undefined;
  }
  /** The imports of a channel, newest first; undefined until they were read. */
  imports(channel: Id): readonly Import[] | undefined {
    return this.#imports.get(channel);
  }
  /** What the log last said of a change of many conversations. */
  bulk(id: Id): Bulk | undefined {
    return this.#bulks.get(id);
  }
  cursor(query: ListQuery): string | null {
    return this.#lists.get(listKey(query))?.cursor ?? null;
  }
  /** Where a page of a thread goes on: older, or newer. */
  threadCursor(id: Id, part: "older" | "newer"): string | null {
    const thread = this.#threads.get(id);
    return (part === "older" ? thread?.cursor : thread?.newer) ?? null;
  }
  /** The entry around which a thread was read, where its newest is not held. */
  threadAnchor(id: Id): Id | null {
    const thread = this.#threads.get(id);
    return thread && thread.newer !== null ? thread.anchor : null;
  }
  loadedThreads(): Id[] {
    return [...this.#threads.keys()];
  }

  /** A label and those below it. */
  withBelow = (label: Id): ReadonlySet<Id> => {
    const known = this.#below.get(label);
    if (known) return known;
    const above = this.#tables.labels.get(label)?.name.toLowerCase();
    const below = [...this.#tables.labels.values()].filter(({ name }) => name.toLowerCase().startsWith(`${above}/`));
    const all = new Set([label, ...below.map(({ id }) => id)]);
    this.#below.set(label, all);
    return all;
  };
  get #eyes(): Eyes {
    return { me: this.#me?.user.id ?? null, withBelow: this.withBelow };
  }

  // --- answers of the server -------------------------------------------------------------------------------------

  signIn(me: Me): void {
    this.topics.batch(() => {
      this.#me = me;
      this.#counts = me.counts;
      if (this.seq === 0) this.seq = me.seq;
      this.topics.touch("me");
      this.topics.touch("counts");
    });
  }

  /** Shows settings of mine as they will be. Returns the way back. */
  changeSettings(changed: Partial<Me["settings"]>): () => void {
    const before = this.#me?.settings;
    const show = (settings: Partial<Me["settings"]>) => {
      if (this.#me === null) return;
      this.#me = { ...this.#me, settings: { ...this.#me.settings, ...settings } };
      this.topics.touch("me");
    };
    show(changed);
    return () => before && show(before);
  }

  /** Forgets everything; the next user starts from nothing. */
  signOut(): void {
    this.topics.batch(() => {
      this.seq = 0;
      this.#me = null;
      this.#counts = null;
      this.#held = null;
      this.topics.touch("held");
      for (const id of this.#conversations.keys()) this.topics.touch(`conversation:${id}`);
      for (const key of this.#lists.keys()) this.topics.touch(`list:${key}`);
      this.#conversations.clear();
      this.#ofContact.clear();
      this.#threads.clear();
      this.#lists.clear();
      this.forgetPresence();
      this.stale.conversations.clear();
      this.stale.threads.clear();
      this.stale.drafts.clear();
      for (const id of this.#drafts.keys()) this.topics.touch(`drafts:${id}`);
      this.#drafts.clear();
      this.stale.canned = false;
      this.stale.saved = false;
      for (const name of Object.keys(this.#tables) as TableName[]) this.setTable(name, []);
      this.#imports.clear();
      this.#bulks.clear();
      this.#notified(0, []);
      this.#news = [];
      this.topics.touch("me");
      this.topics.touch("counts");
    });
  }

  setHeld(groups: readonly HeldGroup[]): void {
    this.#held = groups;
    this.topics.touch("held");
  }

  /** What is held may be another: whoever shows it reads it again. */
  heldChanged(): void {
    this.#heldChanges += 1;
    this.topics.touch("held");
  }

  setTable<Name extends TableName>(name: Name, rows: readonly Tables[Name][]): void {
    const table = this.#tables[name] as Map<Id, Tables[Name]>;
    table.clear();
    for (const row of rows) table.set(row.id, row);
    this.#rowsChanged(name);
  }

  putRow<Name extends TableName>(name: Name, row: Tables[Name]): void {
    (this.#tables[name] as Map<Id, Tables[Name]>).set(row.id, row);
    this.#rowsChanged(name);
  }

  #rowsChanged(name: TableName): void {
    this.#rows[name] = undefined;
    if (name === "labels") this.#below.clear();
    this.topics.touch(name);
  }

  removeRow(name: TableName, id: Id): void {
    this.#tables[name].delete(id);
    this.#rowsChanged(name);
  }

  setImports(channel: Id, imports: readonly Import[]): void {
    this.#imports.set(channel, imports);
    this.topics.touch(`imports:${channel}`);
  }

  /** Keeps what is newer, of a channel whose imports were read. */
  putImport(fresh: Import): void {
    const { id, channel_id: channel } = fresh;
    const known = this.#imports.get(channel);
    if (!known) return;
    const rest = known.filter((one) => one.id !== id);
    this.setImports(
      channel,
      [...rest, fresh].sort((a, b) => (a.id < b.id ? 1 : -1)),
    );
  }

  /** The seq in which the thing was last seen. Take it before a request whose answer has no seq, and hand it to `put…` with the answer. */
  stamp(id: Id): number {
    return this.#conversations.get(id)?.seq ?? 0;
  }
  entryStamp(conversation: Id, id: Id): number {
    return this.#threads.get(conversation)?.stamp(id) ?? 0;
  }

  putConversation(conversation: Conversation, seq: number): void {
    const { id } = conversation;
    const known = this.#conversations.get(id);
    if (known && seq < known.seq) return;
    const overlays = known?.overlays ?? [];
    this.#conversations.set(id, { base: conversation, seq, overlays, shown: overlaid(conversation, overlays) });
    this.#changed(id);
  }

  /** Takes in the drafts of a conversation as they were read. */
  putDrafts(id: Id, drafts: readonly Draft[]): void {
    this.#drafts.set(id, drafts);
    this.topics.touch(`drafts:${id}`);
  }

  /** Takes in what stands in the place of one draft, of a conversation whose drafts were read. Versions only grow. */
  applyDraft({ conversation_id: id, channel_id, draft }: DraftNow): void {
    const known = this.#drafts.get(id);
    if (!known) return;
    const before = known.find((one) => one.channel_id === channel_id);
    if (before && draft && draft.version < before.version) return;
    const rest = known.filter((one) => one !== before);
    this.putDrafts(id, draft ? [...rest, draft] : rest);
  }

  /** What was read of drafts may be old: keys are in no log. */
  draftsMayDiffer(): void {
    for (const id of this.#drafts.keys()) this.stale.drafts.add(id);
  }

  #draftTold(conversation: Id): void {
    this.#draftChanges += 1;
    this.topics.touch("drafts");
    if (this.#drafts.has(conversation)) this.stale.drafts.add(conversation);
  }

  /** The user can no longer see it. */
  dropConversation(id: Id): void {
    this.topics.batch(() => {
      this.#drafts.delete(id);
      this.topics.touch(`drafts:${id}`);
      this.#conversations.delete(id);
      this.#threads.delete(id);
      this.#changed(id);
      this.topics.touch(`thread:${id}`);
    });
  }

  putEntry(entry: Entry, seq: number): void {
    const thread = this.#threads.get(entry.conversation_id);
    if (!thread || thread.state === "empty" || thread.isBeyond(entry)) return;
    thread.put(entry, seq);
    this.topics.touch(`thread:${entry.conversation_id}`);
  }

  /** Takes in a page of a list; `first` starts it anew. */
  putPage(query: ListQuery, page: Page<Conversation>, seq: number, first: boolean): void {
    this.#together(() => {
      const list = this.#listFor(query);
      list.page(
        page.data.map(({ id }) => id),
        page.next_cursor,
        page.data.at(-1),
        first,
      );
      for (const conversation of page.data) this.putConversation(conversation, seq);
      // What moved on or off while the page was on its way.
      for (const [id, { seq: seen, shown }] of this.#conversations) {
        if (seen > seq || list.members.has(id)) list.place(id, shown, this.#eyes);
      }
      list.arrange((id) => this.conversation(id), first || !list.held);
      this.#evict();
      this.topics.touch(`list:${listKey(query)}`);
    });
  }

  setListState(query: ListQuery, state: "loading" | "failed"): void {
    this.#listFor(query).setState(state);
    this.topics.touch(`list:${listKey(query)}`);
  }

  /** `around`: the entry that stands in the middle of the page. */
  putThreadPage(id: Id, page: ThreadPage, seq: number, part: ThreadPart, around: Id | null = null): void {
    const thread = this.#threadFor(id);
    thread.page(page, seq, part);
    if (around !== null) thread.anchor = around;
    this.topics.touch(`thread:${id}`);
  }

  /** Somebody opens a thread. Answers whether its newest is held and was read just now; the log has kept it since, while it was heard. */
  openThread(id: Id): boolean {
    const thread = this.#threads.get(id);
    if (!thread) return false;
    this.#threadFor(id);
    return thread.state === "ready" && thread.newer === null && Date.now() - thread.readAt < FRESH_MS;
  }

  setThreadState(id: Id, state: "loading" | "failed"): void {
    this.#threadFor(id).setState(state);
    this.topics.touch(`thread:${id}`);
  }

  // --- of this tab -----------------------------------------------------------------------------------------------

  /** Shows `patch` at once, over what the server says. Call the answer when the server has spoken. */
  overlay(id: Id, patch: Patch): () => void {
    return this.overlayMany(new Map([[id, patch]]));
  }

  /** The same of many conversations, each with its own. `reveal`: lists that are held still show what comes back, too. */
  overlayMany(patches: ReadonlyMap<Id, Patch>, reveal = false): () => void {
    const drops = this.#together(() => [...patches].map(([id, patch]) => this.#overlay(id, patch)));
    if (reveal) {
      this.topics.batch(() => {
        for (const list of this.#lists.values()) {
          if (list.held && [...patches.keys()].some((id) => list.members.has(id))) this.reveal(list.query);
        }
      });
    }
    return () =>
      this.#together(() => {
        for (const drop of drops) drop();
      });
  }

  #overlay(id: Id, patch: Patch): () => void {
    const change = (overlays: (before: Patch[]) => Patch[]) => {
      const known = this.#conversations.get(id);
      if (!known) return;
      known.overlays = overlays(known.overlays);
      known.shown = overlaid(known.base, known.overlays);
      this.#changed(id);
    };
    change((before) => [...before, patch]);
    return () => change((before) => before.filter((other) => other !== patch));
  }

  /** Holds a list still while somebody points at it, or lets it go on. */
  hold(query: ListQuery, held: boolean): void {
    const list = this.#lists.get(listKey(query));
    if (!list || list.held === held) return;
    list.hold(held);
    if (!held) this.reveal(query);
  }

  /** Shows what waited because the list was held. */
  reveal(query: ListQuery): void {
    const list = this.#lists.get(listKey(query));
    list?.arrange((id) => this.conversation(id), true);
    this.topics.touch(`list:${listKey(query)}`);
  }

  // --- frames ------------------------------------------------------------------------------------------------------

  /** Applies a frame. "gap": something before it is missing, and nothing was changed. */
  apply(frame: Frame): "applied" | "gap" {
    if ("events" in frame) {
      if (frame.after > this.seq) return "gap";
      this.#applyEvents(frame.events, frame.seq);
      return "applied";
    }
    this.topics.batch(() => {
      if ("presence" in frame) this.#applyPresence(frame.presence);
      else if ("draft" in frame) this.applyDraft(frame.draft);
      else {
        if ("counts" in frame.mine) {
          this.#counts = frame.mine.counts;
          this.topics.touch("counts");
        }
        if ("read" in frame.mine) this.#applyRead(frame.mine.read);
        if ("attention" in frame.mine) this.#applyAttention(frame.mine.attention);
        if ("notifications" in frame.mine)
          this.#notified(frame.mine.notifications.unseen, frame.mine.notifications.new);
      }
    });
    return "applied";
  }

  /** Applies a page of `GET /events`, which began at this desk's seq. */
  applyLog(page: EventPage): void {
    const last = page.data.at(-1)?.seq ?? this.seq;
    this.#applyEvents(page.data, page.next_cursor === null ? Math.max(page.seq, last) : last);
  }

  #applyEvents(events: readonly LogEvent[], upTo: number): void {
    this.#together(() => {
      for (const event of events) if (event.seq > this.seq) this.#applyEvent(event);
      this.seq = Math.max(this.seq, upTo);
    });
  }

  #applyEvent(event: LogEvent): void {
    const [noun] = event.type.split(".", 1);
    const { conversation_id: conversation, data, seq } = event;
    if (noun === "task" || event.type === "note.edited" || event.type === "conversation.hidden") {
      this.#taskChanges += 1;
      this.topics.touch("tasks");
    }
    if ((noun === "message" && event.type !== "message.received") || event.type === "conversation.hidden") {
      this.#sentChanges += 1;
      this.topics.touch("sent");
    }
    // what is sent takes its draft along
    const sent = event.type === "message.queued" || event.type === "message.scheduled";
    if (conversation && (noun === "draft" || sent || event.type === "conversation.hidden"))
      this.#draftTold(conversation);
    // who has left holds none
    if (noun === "user") this.draftsMayDiffer();
    if (event.type === "conversation.hidden") {
      if (conversation) this.dropConversation(conversation);
    } else if (noun === "workspace") {
      this.stale.me = true;
    } else if (noun === "inbound") {
      this.heldChanged();
    } else if (noun === "user" || noun === "team" || noun === "channel" || noun === "connection" || noun === "label") {
      this.#applyRow(`${noun}s`, event);
      // who is in which team decides which a person may use
      const mine = noun === "user" && event.subject_id === this.#me?.user.id;
      if (noun === "team" || mine) this.stale.canned = this.stale.saved = true;
      if (mine && event.changed.includes("settings")) this.stale.me = true;
    } else if (noun === "canned_response") {
      this.#applyRow("canned", event);
    } else if (noun === "saved_search") {
      this.#applyRow("saved", event);
    } else if (noun === "import") {
      if (data && "imported" in data) this.putImport(data);
    } else if (noun === "bulk") {
      if (data && "refused" in data) this.#putBulk(data);
    } else if (data && "conversation" in data) {
      this.putConversation(data.conversation, seq);
      if ("entry" in data) this.putEntry(data.entry, seq);
      else if (noun !== "draft" && conversation && this.#threads.has(conversation))
        this.stale.threads.add(conversation);
    } else if (conversation) {
      if (this.#conversations.has(conversation)) this.stale.conversations.add(conversation);
      if (this.#threads.has(conversation)) this.stale.threads.add(conversation);
    }
  }

  #putBulk(bulk: Bulk): void {
    this.#bulks.delete(bulk.id);
    this.#bulks.set(bulk.id, bulk);
    for (const oldest of this.#bulks.keys()) {
      if (this.#bulks.size <= MOST_BULKS) break;
      this.#bulks.delete(oldest);
    }
    this.topics.touch(`bulk:${bulk.id}`);
  }

  #applyRow(name: TableName, { type, subject_id, data }: LogEvent): void {
    if (subject_id && (type.endsWith(".deleted") || type.endsWith(".removed"))) this.removeRow(name, subject_id);
    else if (data && "id" in data) this.putRow(name, data as never);
  }

  /** Nobody is known to be anywhere until the server says so again. */
  forgetPresence(): void {
    this.topics.batch(() => {
      for (const id of this.#presence.keys()) this.topics.touch(`presence:${id}`);
      if (this.#presence.size > 0) this.topics.touch("presence");
      this.#presence.clear();
      this.#presenceRows = null;
    });
  }

  #applyPresence(presence: Presence): void {
    const { conversation_id: id } = presence;
    if (presence.viewers.length + presence.typing.length === 0) this.#presence.delete(id);
    else this.#presence.set(id, presence);
    this.#presenceRows = null;
    this.topics.touch(`presence:${id}`);
    this.topics.touch("presence");
  }

  #notified(unseen: number, news: readonly Notification[]): void {
    this.#unseen = unseen;
    this.#notificationChanges += 1;
    // Where nobody takes them, only the last are kept.
    this.#news = [...this.#news, ...news].slice(-MOST_NEWS);
    this.topics.touch("notifications");
  }

  #applyRead(read: ReadMark): void {
    this.#patchMine(read.conversation_id, { unread: read.unread, seen_entry_id: read.entry_id });
  }

  #applyAttention({ conversation_id, ...mine }: Attention): void {
    this.#patchMine(conversation_id, mine);
  }

  /** Changes what is this user's alone, which has no seq. */
  #patchMine(id: Id, patch: Patch): void {
    const known = this.#conversations.get(id);
    if (!known) return;
    known.base = { ...known.base, ...patch };
    known.shown = overlaid(known.base, known.overlays);
    this.#changed(id);
  }

  // --- within --------------------------------------------------------------------------------------------------------

  #listFor(query: ListQuery): List {
    const key = listKey(query);
    const list = this.#lists.get(key) ?? new List(query);
    this.#lists.set(key, list);
    return list;
  }

  #threadFor(id: Id): Thread {
    const thread = this.#threads.get(id) ?? new Thread();
    // Re-inserted, so that the map's order is the order of use.
    this.#threads.delete(id);
    this.#threads.set(id, thread);
    for (const oldest of this.#threads.keys()) {
      if (this.#threads.size <= MOST_THREADS) break;
      this.#threads.delete(oldest);
    }
    return thread;
  }

  #changed(id: Id): void {
    this.#together(() => {
      this.topics.touch(`conversation:${id}`);
      for (const [key, list] of this.#lists) {
        if (list.place(id, this.conversation(id), this.#eyes)) this.#disordered?.add(key);
      }
    });
  }

  /** Changes several things at once: each list that they touch is put in order once, and whoever listens is told once. */
  #together<T>(change: () => T): T {
    if (this.#disordered) return change();
    const disordered = new Set<string>();
    this.#disordered = disordered;
    return this.topics.batch(() => {
      try {
        return change();
      } finally {
        this.#disordered = null;
        for (const key of disordered) {
          this.#lists.get(key)?.arrange((id) => this.conversation(id), false);
          this.topics.touch(`list:${key}`);
        }
      }
    });
  }

  #evict(): void {
    if (this.#conversations.size <= MOST_CONVERSATIONS) return;
    const wanted = new Set([...this.#lists.values()].flatMap((list) => [...list.members]));
    for (const id of this.#conversations.keys()) {
      if (this.#conversations.size <= MOST_CONVERSATIONS) break;
      if (!wanted.has(id) && !this.#threads.has(id)) this.#conversations.delete(id);
    }
  }
}

const NAMES = new Intl.Collator(undefined, { numeric: true });

function byName(a: { id: Id; name: string }, b: { id: Id; name: string }): number {
  return NAMES.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);
}

function overlaid(base: Conversation, overlays: readonly Patch[]): Conversation {
  return overlays.reduce<Conversation>((shown, patch) => ({ ...shown, ...patch }), base);
}
