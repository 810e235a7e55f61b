import { ApiProblem, type Attachment, type Client, type Draft as Shared, type Id } from "@partyline/kit/api";
import type { App } from "@partyline/kit/react";
import type { Desk } from "@partyline/kit/store";
import { draftOf, onDraft, setDraft, type Upload } from "./drafts.ts";
import { baseOf, bothFiles, filesOf, joined, reconcile, type Step } from "./shared.ts";

/** After a key, ms. */
const WRITE_MS = 300;
/** Waits before a text that did not reach the server is written again, ms. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** Steps of one round; each brings both sides closer, and what is left waits for the next change. */
const MOST_STEPS = 6;

type Place = {
  channel: Id;
  timer: ReturnType<typeof setTimeout> | undefined;
  running: Promise<void> | null;
  /** The text that was written and not answered. */
  sent: string | null;
  /** What the server has refused; it is not asked again until that changes. */
  refused: string | null;
  wait: number;
};

/** Keeps the text of this browser and the team's draft the same, conversation by conversation. */
export class Sharing {
  #client: Client;
  #desk: Desk;
  #places = new Map<Id, Place>();

  constructor(client: Client, desk: Desk) {
    this.#client = client;
    this.#desk = desk;
    onDraft((conversation) => this.#soon(conversation, WRITE_MS));
  }

  /** The channel that the text of a conversation is for. From now on it is shared. */
  watch(conversation: Id, channel: Id): void {
    const place = this.#places.get(conversation);
    if (place) place.channel = channel;
    else
      this.#places.set(conversation, {
        channel,
        timer: undefined,
        running: null,
        sent: null,
        refused: null,
        wait: FIRST_WAIT_MS,
      });
    void this.flush(conversation);
  }

  /** Does now what waits. Never rejects. */
  flush(conversation: Id): Promise<void> {
    const place = this.#places.get(conversation);
    if (!place) return Promise.resolve();
    clearTimeout(place.timer);
    place.timer = undefined;
    place.running ??= this.#run(conversation, place).finally(() => {
      place.running = null;
    });
    return place.running;
  }

  /** Waits for what is under way, writes nothing more, and gives the version that the text is a change of; before it is sent. */
  async settled(conversation: Id, channel: Id): Promise<number | null> {
    const place = this.#places.get(conversation);
    clearTimeout(place?.timer);
    await place?.running;
    clearTimeout(place?.timer);
    if (place) place.timer = undefined;
    const { base } = draftOf(conversation);
    return base?.channel === channel ? base.version : null;
  }

  /** It went with its message. */
  gone(conversation: Id, channel: Id): void {
    this.#desk.applyDraft({ conversation_id: conversation, channel_id: channel, draft: null });
  }

  /** Is a refusal to send about words that this browser wrote itself, and of which it had no answer? Then they are known from now on. */
  wroteIt(conversation: Id, channel: Id, problem: unknown): boolean {
    const place = this.#places.get(conversation);
    if (!this.#learn(conversation, channel, problem) || !place) return false;
    const server = this.#desk.drafts(conversation)?.find((draft) => draft.channel_id === channel);
    if (!server || server.text !== place.sent || server.holder.id !== this.#desk.me?.user.id) return false;
    place.sent = null;
    setDraft(conversation, { tried: null, base: baseOf(server) });
    return true;
  }

  /** What has to be done on a channel, as far as it is known. */
  step(conversation: Id, channel: Id): Step {
    const drafts = this.#desk.drafts(conversation);
    if (!drafts) return { do: "nothing" };
    const server = drafts.find((draft) => draft.channel_id === channel);
    const sent = this.#places.get(conversation)?.sent ?? null;
    return reconcile(draftOf(conversation), server, { channel, me: this.#desk.me?.user.id ?? null, sent });
  }

  /** Takes over what somebody else writes. Rejects as the client does. */
  async take(draft: Shared): Promise<void> {
    const { conversation_id, channel_id, holder } = draft;
    try {
      const taken = await this.#client.post<Shared>(`${pathOf(conversation_id, channel_id)}/take`, {
        holder_id: holder.id,
      });
      this.#desk.applyDraft({ conversation_id, channel_id, draft: taken });
    } catch (problem) {
      this.#learn(conversation_id, channel_id, problem);
      throw problem;
    }
    await this.flush(conversation_id);
  }

  /** Of two texts: the server's, this browser's, or one after the other. */
  choose(draft: Shared, which: "theirs" | "mine" | "both"): void {
    const { conversation_id: conversation } = draft;
    const { text, uploads } = draftOf(conversation);
    const base = baseOf(draft);
    if (which === "theirs") adopt(conversation, draft);
    else if (which === "mine") setDraft(conversation, { base });
    else {
      const mine = uploads.flatMap(({ attachment }) => attachment ?? []);
      const files = bothFiles(draft.attachments, mine).map(uploadOf);
      setDraft(conversation, { text: joined(draft.text, text), uploads: files, base });
    }
    void this.flush(conversation);
  }

  #soon(conversation: Id, wait: number): void {
    const place = this.#places.get(conversation);
    if (!place || place.timer !== undefined) return;
    place.timer = setTimeout(() => void this.flush(conversation), wait);
  }

  async #run(conversation: Id, place: Place): Promise<void> {
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      const { channel } = place;
      const step = this.step(conversation, channel);
      if (step.do === "nothing" || step.do === "ask") return;
      try {
        // oxlint-disable-next-line no-await-in-loop -- each step depends on the one before
        if (!(await this.#take(conversation, place, channel, step))) return;
        place.wait = FIRST_WAIT_MS;
      } catch (problem) {
        if (this.#learn(conversation, channel, problem)) continue;
        if (problem instanceof ApiProblem && problem.status < 500 && problem.status !== 429) {
          place.refused = wish(conversation);
          return;
        }
        this.#soon(conversation, place.wait);
        place.wait = Math.min(place.wait * 2, LONGEST_WAIT_MS);
        return;
      }
    }
  }

  /** Takes a step; answers whether there may be another. */
  async #take(conversation: Id, place: Place, channel: Id, step: Step): Promise<boolean> {
    switch (step.do) {
      case "adopt":
        adopt(conversation, step.draft);
        return true;
      case "settle":
        place.sent = null;
        setDraft(conversation, { base: step.draft && baseOf(step.draft) });
        return true;
      case "clear":
        setDraft(conversation, { text: "", uploads: [], base: null });
        return false;
      case "move":
        await this.#discard(conversation, step.channel, step.version);
        setDraft(conversation, { base: null });
        return true;
      case "discard":
        await this.#discard(conversation, channel, step.version);
        setDraft(conversation, { base: null });
        return true;
      case "write": {
        if (place.refused !== null && place.refused === wish(conversation)) return false;
        place.refused = null;
        const local = draftOf(conversation);
        const files = filesOf(local);
        place.sent = local.text;
        const draft = await this.#client.put<Shared>(pathOf(conversation, channel), {
          text: local.text,
          attachment_ids: files,
          canned_response_id: local.canned,
          version: step.version,
        });
        place.sent = null;
        setDraft(conversation, { base: baseOf(draft) });
        this.#desk.applyDraft({ conversation_id: conversation, channel_id: channel, draft });
        return true;
      }
      default:
        return false;
    }
  }

  async #discard(conversation: Id, channel: Id, version: number): Promise<void> {
    try {
      await this.#client.delete(pathOf(conversation, channel), { query: { version } });
      this.gone(conversation, channel);
    } catch (problem) {
      // another text stands there: it stays
      if (!this.#learn(conversation, channel, problem)) throw problem;
    }
  }

  /** A refusal says what stands there now. */
  #learn(conversation_id: Id, channel_id: Id, problem: unknown): boolean {
    if (!(problem instanceof ApiProblem) || problem.status !== 409 || !("draft" in problem.body)) return false;
    this.#desk.applyDraft({ conversation_id, channel_id, draft: problem.body["draft"] as Shared | null });
    return true;
  }
}

function pathOf(conversation: Id, channel: Id): string {
  return `/conversations/${conversation}/drafts/${channel}`;
}

function wish(conversation: Id): string {
  const local = draftOf(conversation);
  return JSON.stringify([local.text, filesOf(local)]);
}

function adopt(conversation: Id, draft: Shared): void {
  setDraft(conversation, {
    text: draft.text,
    uploads: draft.attachments.map(uploadOf),
    canned: draft.canned_response_id,
    mode: "reply",
    base: baseOf(draft),
  });
}

export function uploadOf(attachment: Attachment): Upload {
  const { id, name, size, url } = attachment;
  const preview = attachment.content_type.startsWith("image/") ? url : null;
  return { key: id, name, size, preview, state: "ready", attachment };
}

const sharings = new WeakMap<App["desk"], Sharing>();

/** One for the life of the page. */
export function sharingOf({ client, desk }: Pick<App, "client" | "desk">): Sharing {
  const known = sharings.get(desk) ?? new Sharing(client, desk);
  sharings.set(desk, known);
  return known;
}
