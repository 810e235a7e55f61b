import { t } from "@lingui/core/macro";
import {
  ApiProblem,
  type Client,
  type Conversation,
  type ConversationPatch,
  type Entry,
  type Id,
  type Message,
  type Priority,
  type ReplyIn,
} from "@partyline/kit/api";
import { fullWhen } from "@partyline/kit/i18n";
import type { Desk } from "@partyline/kit/store";
import { shownKeys } from "@partyline/kit/shortcuts";
import { dismissToast, showToast } from "@partyline/kit/ui";

/** Undos kept. */
const MOST_UNDOS = 20;
/** How long an undo is offered, in ms. */
export const UNDO_MS = 10_000;
export const TOAST = "conversation-action";
export const SEND_UNDO = "send";

/** Who shows conversations, and moves with them. */
type Followers = { goes: (ids: ReadonlySet<Id>) => void; comesBack: (id: Id) => void };
type Undo = { id: string; run: () => void };
type Patch = Pick<ConversationPatch, "status" | "snoozed_until" | "priority"> & {
  assignee_ids?: Id[];
  team_id?: Id;
  label_ids?: Id[];
};

/** What people do to a conversation. Close, assign and read show at once and are taken back if the server refuses. */
export class ConversationActions {
  #client: Client;
  #desk: Desk;
  #undos: Undo[] = [];
  /** Conversations that the user has just marked unread: looking on does not mark them read again. */
  #keptUnread = new Set<Id>();

  #followers: Followers | null = null;

  constructor(client: Client, desk: Desk) {
    this.#client = client;
    this.#desk = desk;
  }

  /** Tells which conversations go out of the lists of what is open, and which one an undo has brought back. Returns the way to stop. */
  whenMoved(followers: Followers): () => void {
    this.#followers = followers;
    return () => {
      this.#followers = null;
    };
  }

  close(id: Id): void {
    this.#setStatus(id, { status: "closed" }, t`Closed.`);
  }

  reopen(id: Id): void {
    this.#setStatus(id, { status: "open" }, t`Open again.`);
  }

  /** Sets it aside until a time; without one, until they write. */
  snooze(id: Id, until: Date | null): void {
    const snoozed_until = until?.toISOString() ?? null;
    const said = until === null ? t`Set aside until they write.` : t`Set aside until ${fullWhen(until)}.`;
    this.#setStatus(id, { status: "snoozed", snoozed_until }, said);
  }

  spam(id: Id): void {
    this.#setStatus(id, { status: "spam" }, t`Marked as spam.`);
  }

  trash(id: Id): void {
    this.#setStatus(id, { status: "trash" }, t`Put in the trash.`);
  }

  prioritise(id: Id, priority: Priority): void {
    const before = this.#desk.conversation(id);
    if (!before || before.priority === priority) return;
    this.#change(id, { priority }, { priority }, { priority: before.priority }, t`Priority changed.`);
  }

  assign(id: Id, users: readonly { id: Id; name: string }[]): void {
    const before = this.#desk.conversation(id);
    if (!before) return;
    const assignee_ids = users.map((user) => user.id);
    const [first] = users;
    const said = first === undefined ? t`Nobody is on it now.` : t`${first.name} is on it.`;
    this.#change(
      id,
      { assignee_ids },
      { assignee_ids, assignees: users.map(({ id: user, name }) => ({ id: user, name })) },
      { assignee_ids: before.assignee_ids },
      said,
    );
  }

  move(id: Id, team: { id: Id; name: string }): void {
    const before = this.#desk.conversation(id);
    if (!before || before.team_id === team.id) return;
    this.#change(
      id,
      { team_id: team.id },
      { team_id: team.id },
      before.team_id ? { team_id: before.team_id } : null,
      t`Moved to ${team.name}.`,
    );
  }

  label(id: Id, label_ids: Id[]): void {
    const before = this.#desk.conversation(id);
    if (!before) return;
    this.#change(id, { label_ids }, { label_ids }, { label_ids: before.label_ids }, t`Labels changed.`);
  }

  addLabel(id: Id, label: Id): void {
    const before = this.#desk.conversation(id);
    if (before && !before.label_ids.includes(label)) this.label(id, [...before.label_ids, label]);
  }

  /** Whoever follows does not mute. */
  async follow(id: Id, following: boolean): Promise<void> {
    const said = following ? t`You follow it now.` : t`You no longer follow it.`;
    const shown = following ? { following, muted: false } : { following };
    if (await this.#attend(id, "follow", following, shown)) showToast({ id: TOAST, text: said });
  }

  async mute(id: Id, muted: boolean): Promise<void> {
    const said = muted ? t`Muted: it counts as read for you, whatever comes.` : t`No longer muted.`;
    const shown = muted ? { muted, following: false, unread: false } : { muted };
    if (await this.#attend(id, "mute", muted, shown)) showToast({ id: TOAST, text: said });
  }

  /** Marks read because it is on screen. */
  looked(id: Id): void {
    const conversation = this.#desk.conversation(id);
    if (!conversation?.unread || this.#keptUnread.has(id)) return;
    void this.#mark(id, false, conversation.last_entry_id);
  }

  /** The user looks at another conversation now. */
  left(id: Id): void {
    this.#keptUnread.delete(id);
  }

  toggleUnread(id: Id): void {
    const conversation = this.#desk.conversation(id);
    if (!conversation) return;
    if (conversation.unread) this.#keptUnread.delete(id);
    else this.#keptUnread.add(id);
    void this.#mark(id, !conversation.unread, conversation.last_entry_id);
  }

  /** Rejects with `ApiProblem` or `Unreachable`; the composer keeps the text then. */
  async send(id: Id, body: ReplyIn, key: string): Promise<Message> {
    const message = await this.#client.post<Message>(`/conversations/${id}/messages`, body, { idempotencyKey: key });
    this.#keep(message, 0);
    return message;
  }

  async note(id: Id, text: string, key: string): Promise<void> {
    this.#keep(await this.#client.post<Entry>(`/conversations/${id}/notes`, { text }, { idempotencyKey: key }), 0);
  }

  /** Takes a message back while it is held. Answers whether that was still possible. */
  async takeBack(message: Message): Promise<boolean> {
    this.forgetUndo(SEND_UNDO);
    const stamp = this.#desk.entryStamp(message.conversation_id, message.id);
    try {
      this.#keep(await this.#client.delete<Message>(`/messages/${message.id}`), stamp);
      return true;
    } catch (problem) {
      complain(problem);
      return false;
    }
  }

  async retry(message: Message, key: string): Promise<void> {
    const stamp = this.#desk.entryStamp(message.conversation_id, message.id);
    try {
      const path = `/messages/${message.id}/retry`;
      this.#keep(await this.#client.post<Message>(path, {}, { idempotencyKey: key }), stamp);
    } catch (problem) {
      complain(problem);
    }
  }

  /** Says how a message ended of which nobody knows. */
  async resolve(message: Message, as: "sent" | "not_sent", key: string): Promise<void> {
    const stamp = this.#desk.entryStamp(message.conversation_id, message.id);
    try {
      const path = `/messages/${message.id}/resolve`;
      this.#keep(await this.#client.post<Message>(path, { as }, { idempotencyKey: key }), stamp);
    } catch (problem) {
      complain(problem);
    }
  }

  /** They go out of the lists of what is open. */
  gone(ids: ReadonlySet<Id>): void {
    this.#followers?.goes(ids);
  }

  remember(undo: Undo): void {
    this.#undos = [...this.#undos.filter(({ id }) => id !== undo.id), undo].slice(-MOST_UNDOS);
  }

  forgetUndo(id: string): void {
    this.#undos = this.#undos.filter((undo) => undo.id !== id);
  }

  /** Undoes the last thing that can be undone. */
  undo(): void {
    dismissToast(TOAST);
    const last = this.#undos.pop();
    if (last) last.run();
    else showToast({ id: TOAST, text: t`Nothing to undo.` });
  }

  /** An answer without a seq counts only while no frame has told more. */
  #keep(entry: Entry, stamp: number): void {
    const { conversation_id: conversation, id } = entry;
    if (this.#desk.entryStamp(conversation, id) === stamp) this.#desk.putEntry(entry, stamp);
  }

  /** Undoing puts it back where it was, snoozed until then if it was so. */
  #setStatus(id: Id, patch: Pick<Patch, "status" | "snoozed_until">, said: string): void {
    const before = this.#desk.conversation(id);
    if (!before || patch.status === undefined || patch.status === null) return;
    const { status, snoozed_until } = before;
    // a time that has passed meanwhile can't be chosen again
    const back: Patch =
      status === "snoozed" ? { status, snoozed_until } : { status: status === "merged" ? "open" : status };
    const waiting = patch.status === "open" || patch.status === "snoozed" ? {} : { waiting_since: null };
    const shown = { status: patch.status, snoozed_until: patch.snoozed_until ?? null, ...waiting };
    // in the same frame
    this.#desk.topics.batch(() => {
      this.#change(id, patch, shown, back, said);
      if (patch.status !== "open") this.gone(new Set([id]));
    });
  }

  #change(id: Id, patch: Patch, shown: Partial<Conversation>, back: Patch | null, said: string): void {
    const undo = { id: `${id} ${Object.keys(patch).join()}`, run: () => this.#undoChange(id, back) };
    if (back) this.remember(undo);
    showToast({
      id: TOAST,
      text: said,
      duration: UNDO_MS,
      ...(back ? { action: { label: t`Undo`, keys: shownKeys("app.undo", "Z"), run: () => this.undo() } } : {}),
    });
    void this.#patch(id, patch, shown).then((done) => done || this.forgetUndo(undo.id));
  }

  #undoChange(id: Id, back: Patch | null): void {
    if (!back) return;
    if (back.status !== undefined) this.#followers?.comesBack(id);
    const assignees = back.assignee_ids?.flatMap((user) => this.#desk.row("users", user) ?? []);
    const { status, priority, ...rest } = back;
    const shown = { ...rest, ...(status ? { status } : {}), ...(priority ? { priority } : {}) };
    void this.#patch(id, back, { ...shown, ...(assignees ? { assignees } : {}) });
  }

  async #patch(id: Id, patch: Patch, shown: Partial<Conversation>): Promise<boolean> {
    const drop = this.#desk.overlay(id, shown);
    const stamp = this.#desk.stamp(id);
    try {
      const conversation = await this.#client.patch<Conversation>(
        `/conversations/${id}`,
        patch satisfies ConversationPatch,
      );
      this.#desk.topics.batch(() => {
        if (this.#desk.stamp(id) === stamp) this.#desk.putConversation(conversation, stamp);
        drop();
      });
      return true;
    } catch (problem) {
      drop();
      complain(problem);
      return false;
    }
  }

  /** The server tells this browser too, with what came of it. */
  async #attend(id: Id, what: "follow" | "mute", on: boolean, shown: Partial<Conversation>): Promise<boolean> {
    const drop = this.#desk.overlay(id, shown);
    const path = `/conversations/${id}/${what}`;
    try {
      await (on ? this.#client.post(path, {}) : this.#client.delete(path));
      const known = this.#desk.conversation(id);
      this.#desk.topics.batch(() => {
        if (known) {
          const { following, muted, unread } = known;
          this.#desk.apply({ mine: { attention: { conversation_id: id, following, muted, unread } } });
        }
        drop();
      });
      return true;
    } catch (problem) {
      drop();
      complain(problem);
      return false;
    }
  }

  async #mark(id: Id, unread: boolean, entry: Id | null): Promise<void> {
    const drop = this.#desk.overlay(id, { unread });
    try {
      await this.#client.post(`/conversations/${id}/read`, { entry_id: entry, unread });
      this.#desk.topics.batch(() => {
        this.#desk.apply({ mine: { read: { conversation_id: id, unread, entry_id: entry } } });
        drop();
      });
    } catch (problem) {
      drop();
      complain(problem);
    }
  }
}

/** Says in a toast why something was not done. */
export function complain(problem: unknown): void {
  const text =
    problem instanceof ApiProblem ? problem.detail : t`The server could not be reached. Nothing was changed.`;
  showToast({ id: TOAST, text, tone: "danger" });
}
