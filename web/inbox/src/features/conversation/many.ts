import { plural, t } from "@lingui/core/macro";
import type { Bulk, BulkIn, Client, Conversation, Id, Priority } from "@partyline/kit/api";
import { fullWhen } from "@partyline/kit/i18n";
import type { Desk } from "@partyline/kit/store";
import { shownKeys } from "@partyline/kit/shortcuts";
import { showToast } from "@partyline/kit/ui";
import { complain, TOAST, UNDO_MS, type ConversationActions } from "./actions.ts";

/** How often it is asked how far one has come, should the live line be silent; in ms. */
const ASK_EVERY_MS = 1_000;
/** After so many questions the rows are shown as the server has them, whatever becomes of the rest. */
const MOST_QUESTIONS = 120;

type Shown = Partial<Conversation>;
type Person = { id: Id; name: string };
/** What is asked of each, what shows at once, and what shows at once when it is undone. */
type Change = {
  ask: Omit<BulkIn, "conversation_ids">;
  shown: (before: Conversation) => Shown;
  said: string;
  /** They leave lists of what is open. */
  goes?: boolean;
};

/** What people do to many conversations at once. One alone is done as such. It shows at once, and the server undoes it exactly. */
export class ManyActions {
  #client: Client;
  #desk: Desk;
  #one: ConversationActions;

  constructor(client: Client, desk: Desk, one: ConversationActions) {
    this.#client = client;
    this.#desk = desk;
    this.#one = one;
  }

  close(ids: readonly Id[]): void {
    const one = only(ids);
    if (one) return this.#one.close(one);
    const said = plural(ids.length, { one: "# conversation closed.", other: "# conversations closed." });
    this.#change(ids, { ask: { patch: { status: "closed" } }, shown: away("closed"), said, goes: true });
  }

  reopen(ids: readonly Id[]): void {
    const one = only(ids);
    if (one) return this.#one.reopen(one);
    const said = plural(ids.length, { one: "# conversation is open again.", other: "# conversations are open again." });
    this.#change(ids, { ask: { patch: { status: "open" } }, shown: opened, said, goes: true });
  }

  snooze(ids: readonly Id[], until: Date | null): void {
    const one = only(ids);
    if (one) return this.#one.snooze(one, until);
    const snoozed_until = until?.toISOString() ?? null;
    const count = ids.length;
    const said =
      until === null
        ? t`${count} conversations set aside until they write.`
        : t`${count} conversations set aside until ${fullWhen(until)}.`;
    const ask = { patch: { status: "snoozed", snoozed_until } } as const;
    this.#change(ids, { ask, shown: () => ({ status: "snoozed", snoozed_until }), said, goes: true });
  }

  spam(ids: readonly Id[]): void {
    const one = only(ids);
    if (one) return this.#one.spam(one);
    const said = plural(ids.length, {
      one: "# conversation marked as spam.",
      other: "# conversations marked as spam.",
    });
    this.#change(ids, { ask: { patch: { status: "spam" } }, shown: away("spam"), said, goes: true });
  }

  trash(ids: readonly Id[]): void {
    const one = only(ids);
    if (one) return this.#one.trash(one);
    const said = plural(ids.length, {
      one: "# conversation put in the trash.",
      other: "# conversations put in the trash.",
    });
    this.#change(ids, { ask: { patch: { status: "trash" } }, shown: away("trash"), said, goes: true });
  }

  prioritise(ids: readonly Id[], priority: Priority): void {
    const one = only(ids);
    if (one) return this.#one.prioritise(one, priority);
    this.#change(ids, { ask: { patch: { priority } }, shown: () => ({ priority }), said: t`Priorities changed.` });
  }

  assign(ids: readonly Id[], people: readonly Person[]): void {
    const one = only(ids);
    if (one) return this.#one.assign(one, people);
    const assignee_ids = people.map(({ id }) => id);
    const assignees = people.map(({ id, name }) => ({ id, name }));
    const [first] = people;
    const said = first
      ? plural(ids.length, {
          one: `${first.name} is on # conversation.`,
          other: `${first.name} is on # conversations.`,
        })
      : plural(ids.length, { one: "Nobody is on # conversation now.", other: "Nobody is on # conversations now." });
    this.#change(ids, { ask: { patch: { assignee_ids } }, shown: () => ({ assignee_ids, assignees }), said });
  }

  move(ids: readonly Id[], team: Person): void {
    const one = only(ids);
    if (one) return this.#one.move(one, team);
    const said = plural(ids.length, {
      one: `# conversation moved to ${team.name}.`,
      other: `# conversations moved to ${team.name}.`,
    });
    this.#change(ids, { ask: { patch: { team_id: team.id } }, shown: () => ({ team_id: team.id }), said });
  }

  addLabel(ids: readonly Id[], label: Id): void {
    const one = only(ids);
    if (one) return this.#one.addLabel(one, label);
    const shown = ({ label_ids }: Conversation): Shown =>
      label_ids.includes(label) ? {} : { label_ids: [...label_ids, label] };
    this.#change(ids, { ask: { patch: { add_label_ids: [label] } }, shown, said: t`Labels changed.` });
  }

  removeLabel(ids: readonly Id[], label: Id): void {
    const one = this.#desk.conversation(only(ids) ?? "");
    if (one)
      return this.#one.label(
        one.id,
        one.label_ids.filter((other) => other !== label),
      );
    const shown = ({ label_ids }: Conversation): Shown => ({ label_ids: label_ids.filter((other) => other !== label) });
    this.#change(ids, { ask: { patch: { remove_label_ids: [label] } }, shown, said: t`Labels changed.` });
  }

  /** Marks all read, or where all are read, unread. */
  toggleUnread(ids: readonly Id[]): void {
    const one = only(ids);
    if (one) return this.#one.toggleUnread(one);
    this.markUnread(ids, !ids.some((id) => this.#desk.conversation(id)?.unread));
  }

  markUnread(ids: readonly Id[], unread: boolean): void {
    const said = unread ? t`Marked unread.` : t`Marked read.`;
    this.#change(ids, { ask: { unread }, shown: () => ({ unread }), said });
  }

  /** One after the other: it is the person's own, and nothing on the server does it for many. */
  async follow(ids: readonly Id[]): Promise<void> {
    for (const id of ids) await this.#one.follow(id, true);
  }

  #change(ids: readonly Id[], change: Change): void {
    if (ids.length === 0) return;
    const [shown, back] = [new Map<Id, Shown>(), new Map<Id, Shown>()];
    for (const id of ids) {
      const before = this.#desk.conversation(id);
      if (!before) continue;
      const patch = change.shown(before);
      shown.set(id, patch);
      back.set(id, of(before, patch));
    }
    const drop = this.#desk.topics.batch(() => {
      const dropShown = this.#desk.overlayMany(shown);
      if (change.goes) this.#one.gone(new Set(ids));
      return dropShown;
    });
    const started = this.#client.post<Bulk>("/conversations/bulk", { ...change.ask, conversation_ids: [...ids] });
    let undone = false;
    const undo = {
      id: `many ${crypto.getRandomValues(new Uint32Array(2)).join("-")}`,
      run: () => {
        undone = true;
        drop();
        void this.#undo(started, back);
      },
    };
    this.#one.remember(undo);
    const offer = { label: t`Undo`, keys: shownKeys("app.undo", "Z"), run: () => this.#one.undo() };
    showToast({ id: TOAST, text: change.said, duration: UNDO_MS, action: offer });
    started
      .then((bulk) => this.#end(bulk))
      .then((bulk) => {
        drop();
        if (undone || bulk === null || bulk.refused === 0) return;
        const { refused, total } = bulk;
        const text = plural(refused, {
          one: `# of ${total} was left as it is: it could not be changed.`,
          other: `# of ${total} were left as they are: they could not be changed.`,
        });
        showToast({ id: TOAST, text, duration: UNDO_MS, action: offer });
      })
      .catch((problem: unknown) => {
        drop();
        this.#one.forgetUndo(undo.id);
        if (!undone) complain(problem);
      });
  }

  async #undo(started: Promise<Bulk>, back: ReadonlyMap<Id, Shown>): Promise<void> {
    const drop = this.#desk.overlayMany(back, true);
    try {
      const { id } = await started;
      const bulk = await this.#end(await this.#client.delete<Bulk>(`/bulk/${id}`));
      if (!bulk || bulk.refused === 0) return;
      const { refused } = bulk;
      const text = plural(refused, {
        one: "Undone. # was left as it is: somebody has changed it since.",
        other: "Undone. # were left as they are: somebody has changed them since.",
      });
      showToast({ id: TOAST, text });
    } catch (problem) {
      complain(problem);
    } finally {
      drop();
    }
  }

  /** Waits until it is done or undone, and this tab has heard of all of it; null where that takes too long. */
  #end(begun: Bulk): Promise<Bulk | null> {
    const { id, state } = begun;
    const ends = state === "undoing" || state === "undone" ? "undone" : "done";
    const { topics } = this.#desk;
    return new Promise((resolve) => {
      let questions = 0;
      const finish = (bulk: Bulk | null) => {
        clearInterval(timer);
        stop();
        resolve(bulk);
      };
      const look = () => {
        const bulk = this.#desk.bulk(id);
        if (bulk && isOver(bulk, ends)) finish(bulk);
      };
      const stop = topics.subscribe(`bulk:${id}`, look);
      const timer = setInterval(() => {
        questions += 1;
        if (questions > MOST_QUESTIONS) return finish(null);
        void this.#client
          .get<Bulk>(`/bulk/${id}`)
          .then(({ data, seq }) => {
            if (isOver(data, ends) && this.#desk.seq >= (seq ?? 0)) finish(data);
          })
          .catch(() => undefined);
      }, ASK_EVERY_MS);
      look();
    });
  }
}

/** Undone while it was being done, it never is done. */
function isOver(bulk: Bulk, ends: "done" | "undone"): boolean {
  return bulk.state === ends || (ends === "done" && bulk.state !== "running");
}

function only(ids: readonly Id[]): Id | undefined {
  return ids.length === 1 ? ids[0] : undefined;
}

function opened(): Shown {
  return { status: "open", snoozed_until: null };
}

function away(status: "closed" | "spam" | "trash"): () => Shown {
  return () => ({ status, snoozed_until: null, waiting_since: null });
}

/** The same fields, as they were. */
function of(before: Conversation, patch: Shown): Shown {
  return Object.fromEntries(Object.keys(patch).map((name) => [name, before[name as keyof Conversation]]));
}
