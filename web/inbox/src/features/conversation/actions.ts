import { t } from "@lingui/core/macro";
import {
  ApiProblem,
  type Client,
  type Conversation,
  type ConversationPatch,
  type Entry,
  type Id,
  type Message,
  type ReplyIn,
} from "@partyline/kit/api";
import type { Desk } from "@partyline/kit/store";
import { dismissToast, showToast } from "@partyline/kit/ui";

/** Undos kept. */
const MOST_UNDOS = 20;
const TOAST = "conversation-action";
export const SEND_UNDO = "send";

type Undo = { id: string; run: () => void };
type Patch = { status?: "open" | "closed"; assignee_ids?: Id[]; team_id?: Id };

/** What people do to a conversation. Close, assign and read show at once and are taken back if the server refuses. */
export class ConversationActions {
  #client: Client;
  #desk: Desk;
  #undos: Undo[] = [];
  /** Conversations that the user has just marked unread: looking on does not mark them read again. */
  #keptUnread = new Set<Id>();

  #broughtBack: ((id: Id) => void) | null = null;

  constructor(client: Client, desk: Desk) {
    this.#client = client;
    this.#desk = desk;
  }

  /** Tells which conversation an undo has opened again. Returns the way to stop. */
  whenBroughtBack(listener: (id: Id) => void): () => void {
    this.#broughtBack = listener;
    return () => {
      this.#broughtBack = null;
    };
  }

  close(id: Id): void {
    this.#change(id, { status: "closed" }, { status: "closed", waiting_since: null }, { status: "open" }, t`Closed.`);
  }

  reopen(id: Id): void {
    this.#change(id, { status: "open" }, { status: "open" }, { status: "closed" }, t`Open again.`);
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

  #change(id: Id, patch: Patch, shown: Partial<Conversation>, back: Patch | null, said: string): void {
    const undo = { id: `${id} ${Object.keys(patch).join()}`, run: () => this.#undoChange(id, back) };
    if (back) this.remember(undo);
    showToast({
      id: TOAST,
      text: said,
      ...(back ? { action: { label: t`Undo`, keys: "Z", run: () => this.undo() } } : {}),
    });
    void this.#patch(id, patch, shown).then((done) => done || this.forgetUndo(undo.id));
  }

  #undoChange(id: Id, back: Patch | null): void {
    if (!back) return;
    if (back.status === "open") this.#broughtBack?.(id);
    const assignees = back.assignee_ids?.flatMap((user) => this.#desk.row("users", user) ?? []);
    void this.#patch(id, back, { ...back, ...(assignees ? { assignees } : {}) });
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
