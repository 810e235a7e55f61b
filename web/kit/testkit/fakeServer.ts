import type {
  Attachment,
  Conversation,
  Counts,
  Entry,
  Frame,
  LogEvent,
  Me,
  Message,
  Presence,
  Tallies,
  View,
} from "../api/types.ts";
import { belongs, compare, orderOf, type Eyes, type Sort } from "../store/lists.ts";
import { segment } from "../sms/segments.ts";
import { FakeSettings } from "./fakeSettings.ts";
import type { Seed } from "./seed.ts";

export type FakeRequest = { method: string; path: string; query: URLSearchParams; body: Record<string, unknown> };
export type FakeAnswer = {
  status: number;
  json?: unknown;
  raw?: { type: string; body: string };
  headers?: Record<string, string>;
};

const VIEWS: View[] = ["unassigned", "mine", "all", "closed"];
const EYES: Eyes = { me: "user_sam", withBelow: (label) => new Set([label]) };
/** Between the steps of a delivery, ms. */
const STEP_MS = 700;

/** A server in memory, for looking at the app without one. It follows the contract as far as the app uses it. */
export class FakeServer {
  seed: Seed;
  signedIn = true;
  #log: LogEvent[] = [];
  #listeners = new Set<(frame: Frame) => void>();
  #serial = 1_000_000;
  #presence = new Map<string, Presence>();

  readonly settings: FakeSettings;

  constructor(seed: Seed) {
    this.seed = seed;
    this.settings = new FakeSettings({
      seed,
      id: (prefix) => this.#id(prefix),
      tell: (event) => this.#tellEvent(event),
    });
  }

  get seq(): number {
    return this.#log.length;
  }

  listen(listener: (frame: Frame) => void): () => void {
    this.#listeners.add(listener);
    for (const presence of this.#presence.values()) listener({ presence });
    return () => this.#listeners.delete(listener);
  }

  /** What a client has missed that last saw `after`. */
  since(after: number): Frame {
    return { after, seq: this.seq, events: this.#log.slice(after) };
  }

  handle({ method, path, query, body }: FakeRequest): FakeAnswer {
    const route = `${method} ${path.replace(/\/(conv|msg|user|file|team|chan)_[^/]+/, "/:id")}`;
    const id = /\/((?:conv|msg|user|file|team|chan)_[^/]+)/.exec(path)?.[1] ?? "";
    const conversation = this.#find(id);
    if (!this.signedIn && !["POST /session", "GET /setup", "POST /setup"].includes(route))
      return problem(401, "not_signed_in", "Sign in first.");
    const set = this.settings.handle({ method, path, query, body }, () => this.#me());
    if (set !== null) {
      if (set.status < 300 && ["POST /session", "POST /setup"].includes(route)) this.signedIn = true;
      return set;
    }
    switch (route) {
      case "DELETE /session":
        this.signedIn = false;
        return { status: 204 };
      case "GET /me":
        return ok(this.#me());
      case "GET /users":
        return ok({ data: this.seed.users, next_cursor: null });
      case "GET /teams":
        return ok({ data: this.seed.teams, next_cursor: null });
      case "GET /labels":
        return ok({ data: [], next_cursor: null });
      case "GET /saved_searches":
        return ok({ data: [], next_cursor: null });
      case "GET /canned_responses":
        return ok({ data: [], next_cursor: null });
      case "GET /channels":
        return ok({ data: this.seed.channels, next_cursor: null });
      case "GET /conversations":
        return ok(this.#list(query));
      case "GET /conversations/:id":
        return conversation ? ok(conversation) : problem(404, "not_found", "There is no such conversation.");
      case "GET /conversations/:id/entries":
        return ok(this.#entries(id, query));
      case "PATCH /conversations/:id":
        return conversation
          ? this.#patch(conversation, body)
          : problem(404, "not_found", "There is no such conversation.");
      case "POST /conversations/:id/read":
        return this.#read(id, body.unread === true);
      case "POST /conversations/:id/messages":
        return conversation
          ? this.#send(conversation, body)
          : problem(404, "not_found", "There is no such conversation.");
      case "POST /conversations/:id/notes":
        return this.#note(id, String(body.text));
      case "POST /conversations":
        return this.#start(body);
      case "DELETE /messages/:id":
        return this.#cancel(id);
      case "POST /messages/:id/retry":
        return this.#retry(id);
      case "POST /messages/:id/resolve":
        return this.#resolve(id, body);
      case "POST /attachments":
        return {
          status: 201,
          json: {
            id: this.#id("file"),
            name: "picture.svg",
            content_type: "image/svg+xml",
            size: 48_200,
            state: "ready",
            url: "/api/v1/attachments/file_1",
          } satisfies Attachment,
        };
      case "GET /attachments/:id":
        return { status: 200, raw: { type: "image/svg+xml", body: PICTURE } };
      case "GET /events": {
        const after = Number(query.get("after"));
        return ok({ data: this.#log.slice(after), next_cursor: null, seq: this.seq });
      }
      default:
        return problem(404, "not_found", `The fake server has no ${route}.`);
    }
  }

  /** A contact writes. */
  receive(id: string, text: string): void {
    const conversation = this.#find(id);
    if (!conversation) return;
    const at = new Date().toISOString();
    const entry: Message = {
      id: this.#id("msg"),
      type: "message",
      conversation_id: id,
      at,
      author: { kind: "contact", id: conversation.contact.id, name: conversation.contact.name },
      direction: "inbound",
      channel_id: conversation.channel_ids[0] ?? "",
      text,
      html: null,
      attachments: [],
      delivery: null,
      late: false,
      imported: false,
    };
    this.#append(entry);
    this.#change(
      "message.received",
      id,
      {
        status: "open",
        preview: text,
        unread: true,
        waiting_since: conversation.waiting_since ?? at,
        last_activity_at: at,
        last_entry_id: entry.id,
        last_message: { direction: "inbound", author_name: null, delivery_status: null, has_attachments: false },
      },
      entry,
    );
  }

  /** A colleague answers. */
  colleague(id: string, key: string, text: string): void {
    const author = this.seed.users.find((user) => user.id === `user_${key}`);
    const conversation = this.#find(id);
    if (conversation && author)
      this.#out(conversation, text, { kind: "user", id: author.id, name: author.name }, 0, []);
  }

  presence(presence: Presence): void {
    this.#presence.set(presence.conversation_id, presence);
    this.#tell({ presence });
  }

  #find(id: string): Conversation | undefined {
    return this.seed.conversations.find((conversation) => conversation.id === id);
  }

  #me(): Me {
    const user = this.seed.users[0];
    if (!user) throw new Error("a seed needs a user");
    return {
      user,
      workspace: {
        id: "work_1",
        name: "Harbor & Pine",
        time_zone: "America/Los_Angeles",
        settings: { undo_seconds: 5, assign_on_reply: true, region: "US", stale_owner_days: 7, texts_outside: false },
      },
      settings: { time_zone: null, signature: null, keys: { preset: "default", own: {} } },
      permissions: [
        "conversation.read",
        "conversation.reply",
        "conversation.note",
        "conversation.triage",
        "people.read",
        "channels.read",
        "events.read",
        ...(this.settings.manages
          ? (["people.manage", "teams.manage", "channels.manage", "workspace.manage"] as const)
          : []),
      ],
      counts: this.#counts(),
      seq: this.seq,
    };
  }

  #counts(): Counts {
    const tallies = (team: string | null): Tallies =>
      Object.fromEntries(
        VIEWS.map((view) => {
          const inside = this.seed.conversations.filter((conversation) =>
            belongs({ view, team, sort: "newest" }, conversation, EYES),
          );
          return [view, { total: inside.length, unread: inside.filter(({ unread }) => unread).length }];
        }),
      ) as Tallies;
    const none = { total: 0, unread: 0 };
    return {
      ...tallies(null),
      mine_snoozed: none,
      mentions: none,
      following: none,
      tasks: { open: 0, overdue: 0 },
      scheduled: 0,
      drafts: { mine: 0, review: 0 },
      teams: Object.fromEntries(this.seed.teams.map(({ id }) => [id, tallies(id)])),
      labels: {},
    };
  }

  #list(query: URLSearchParams) {
    const view = (query.get("view") ?? "all") as View;
    const sort = (query.get("sort") ?? "newest") as Sort;
    const limit = Number(query.get("limit") ?? 50);
    const start = Number(query.get("cursor") ?? 0);
    const all = this.seed.conversations
      .filter((conversation) => belongs({ view, team: query.get("team"), sort }, conversation, EYES))
      .sort((a, b) => compare(orderOf({ view, team: null, sort }), a, b));
    return {
      data: all.slice(start, start + limit),
      next_cursor: start + limit < all.length ? String(start + limit) : null,
    };
  }

  #entries(id: string, query: URLSearchParams) {
    const all = (this.seed.entries.get(id) ?? []).toReversed();
    const limit = Number(query.get("limit") ?? 50);
    const around = all.findIndex((entry) => entry.id === query.get("around"));
    const start = around < 0 ? Number(query.get("cursor") ?? 0) : Math.max(0, around - Math.floor(limit / 2));
    return {
      data: all.slice(start, start + limit),
      next_cursor: start + limit < all.length ? String(start + limit) : null,
      newer_cursor: around >= 0 && start > 0 ? String(Math.max(0, start - limit)) : null,
    };
  }

  #patch(conversation: Conversation, body: Record<string, unknown>): FakeAnswer {
    const patch: Partial<Conversation> = { ...body };
    if (Array.isArray(body.assignee_ids)) {
      patch.assignees = this.seed.users
        .filter(({ id }) => (body.assignee_ids as string[]).includes(id))
        .map(({ id, name }) => ({ id, name }));
    }
    const event =
      body.status === "closed"
        ? "conversation.closed"
        : body.status === "open"
          ? "conversation.reopened"
          : body.team_id
            ? "conversation.updated"
            : "conversation.assigned";
    const team = this.seed.teams.find(({ id }) => id === body.team_id);
    const entry: Entry = {
      id: this.#id("evt"),
      type: "event",
      conversation_id: conversation.id,
      at: new Date().toISOString(),
      author: { kind: "user", id: "user_sam", name: "Sam Park" },
      event: team ? "conversation.moved" : event,
      data: team ? { team: { id: team.id, name: team.name } } : { assignees: patch.assignees ?? [], reason: "person" },
    };
    this.#append(entry);
    if (patch.status === "closed") patch.waiting_since = null;
    return ok(this.#change(event, conversation.id, patch, entry));
  }

  #read(id: string, unread: boolean): FakeAnswer {
    const conversation = this.#find(id);
    if (conversation) {
      conversation.unread = unread;
      conversation.seen_entry_id = conversation.last_entry_id;
      this.#tell({
        mine: { read: { conversation_id: id, unread, entry_id: conversation.last_entry_id }, counts: this.#counts() },
      });
    }
    return { status: 204 };
  }

  #send(conversation: Conversation, body: Record<string, unknown>): FakeAnswer {
    const text = String(body.text ?? "");
    const all = this.seed.entries.get(conversation.id) ?? [];
    const confirm = Array.isArray(body.confirm) ? body.confirm : [];
    if (conversation.opted_out)
      return problem(422, "opted_out", "They texted STOP. Nothing can be sent until they write START.");
    const seen = all.findIndex(({ id }) => id === body.seen_entry_id);
    const news = all.slice(seen + 1).filter((entry) => entry.type !== "event" && entry.author.id !== "user_sam");
    if (body.seen_entry_id && news.length > 0 && !confirm.includes("stale_reply"))
      return {
        status: 409,
        json: {
          type: "about:blank",
          title: "Not sent",
          status: 409,
          detail: "The conversation has moved on.",
          code: "stale_reply",
          entries: news,
        },
      };
    const attachments = Array.isArray(body.attachment_ids)
      ? body.attachment_ids.map((id) => ({
          id: String(id),
          name: "picture.svg",
          content_type: "image/svg+xml",
          size: 48_200,
          state: "ready",
          url: "/api/v1/attachments/file_1",
        }))
      : [];
    return {
      status: 202,
      json: this.#out(
        conversation,
        text,
        { kind: "user", id: "user_sam", name: "Sam Park" },
        Number(body.undo_seconds ?? 0),
        attachments,
      ),
    };
  }

  #out(
    conversation: Conversation,
    text: string,
    author: Message["author"],
    undoSeconds: number,
    attachments: Attachment[],
  ): Message {
    const at = new Date().toISOString();
    const entry: Message = {
      id: this.#id("msg"),
      type: "message",
      conversation_id: conversation.id,
      at,
      author,
      direction: "outbound",
      channel_id: conversation.channel_ids[0] ?? "",
      text,
      html: null,
      attachments,
      delivery: {
        status: "queued",
        provider_id: null,
        segments: segment(text).segments,
        error: null,
        send_at: null,
        reason: null,
        resolved_by: null,
        cancel_on_reply: false,
        at,
      },
      late: false,
      imported: false,
    };
    this.#append(entry);
    this.#change(
      "message.queued",
      conversation.id,
      {
        preview: text,
        waiting_since: null,
        last_activity_at: at,
        last_entry_id: entry.id,
        last_message: {
          direction: "outbound",
          author_name: author.name,
          delivery_status: "queued",
          has_attachments: false,
        },
      },
      entry,
    );
    this.#deliver(entry, undoSeconds * 1_000);
    return entry;
  }

  #deliver(entry: Message, hold: number): void {
    const fails = /\bfail\b/.test(entry.text);
    const steps = ["sending", "sent", fails ? "failed" : "delivered"] as const;
    steps.forEach((status, at) =>
      setTimeout(
        () => {
          const now = this.#entry(entry.id);
          if (now?.type !== "message" || now.delivery?.status === "cancelled") return;
          this.#setDelivery(now, status);
        },
        hold + STEP_MS * (at + 1),
      ),
    );
  }

  #setDelivery(entry: Message, status: NonNullable<Message["delivery"]>["status"]): Message {
    const error =
      status === "failed"
        ? { code: "unreachable", provider_code: "30003", detail: "The phone was off or out of reach." }
        : null;
    const next: Message = {
      ...entry,
      delivery: {
        provider_id: "SM1",
        segments: 1,
        send_at: null,
        reason: null,
        resolved_by: null,
        cancel_on_reply: false,
        ...entry.delivery,
        at: new Date().toISOString(),
        status,
        error,
      },
    };
    this.#append(next);
    const conversation = this.#find(entry.conversation_id);
    this.#change(
      `message.${status}`,
      entry.conversation_id,
      { last_message: conversation?.last_message ? { ...conversation.last_message, delivery_status: status } : null },
      next,
    );
    return next;
  }

  #note(id: string, text: string): FakeAnswer {
    const mentions = [...text.matchAll(/@\[([^\]]+)\]\((user_[^)]+)\)/g)].map(([, name, user]) => ({
      id: user ?? "",
      name: name ?? "",
    }));
    const entry: Entry = {
      id: this.#id("note"),
      type: "note",
      conversation_id: id,
      at: new Date().toISOString(),
      author: { kind: "user", id: "user_sam", name: "Sam Park" },
      text,
      mentions,
      edited_at: null,
      edited_by: null,
      reactions: [],
      task: null,
    };
    this.#append(entry);
    this.#change("note.created", id, { last_entry_id: entry.id }, entry);
    return { status: 201, json: entry };
  }

  #start(body: Record<string, unknown>): FakeAnswer {
    const confirm = Array.isArray(body.confirm) ? body.confirm : [];
    if (!/^\+[1-9]\d{6,14}$/.test(String(body.to)))
      return problem(422, "invalid", "Check the number.", [
        { field: "to", code: "phone_number", detail: "That is not a whole number; write it as +1 415 555 0123." },
      ]);
    if (!confirm.includes("first_contact"))
      return {
        status: 409,
        json: {
          type: "about:blank",
          title: "Not sent",
          status: 409,
          detail: "They have never written to you.",
          code: "first_contact",
          reasons: [
            {
              code: "first_contact",
              detail: "This number has never written to this workspace, and no consent is recorded.",
            },
          ],
        },
      };
    const [model] = this.seed.conversations;
    if (!model) return problem(500, "empty", "No seed.");
    const channel = this.seed.channels.find(({ id }) => id === body.channel_id) ?? this.seed.channels[0];
    const conversation: Conversation = {
      ...model,
      id: this.#id("conv"),
      subject: null,
      assignee_ids: ["user_sam"],
      assignees: [{ id: "user_sam", name: "Sam Park" }],
      contact: {
        id: this.#id("cont"),
        name: typeof body.name === "string" ? body.name : null,
        address: String(body.to),
      },
      unread: false,
      waiting_since: null,
      channel_ids: channel ? [channel.id] : [],
      channels: channel ? [{ id: channel.id, name: channel.name, kind: "sms", address: channel.address }] : [],
      opted_out: false,
    };
    this.seed.conversations.push(conversation);
    this.seed.entries.set(conversation.id, []);
    const message = this.#out(
      conversation,
      String(body.text),
      { kind: "user", id: "user_sam", name: "Sam Park" },
      Number(body.undo_seconds ?? 0),
      [],
    );
    return { status: 201, json: { conversation: this.#find(conversation.id), message } };
  }

  #cancel(id: string): FakeAnswer {
    const entry = this.#entry(id);
    if (entry?.type !== "message" || entry.delivery?.status !== "queued")
      return problem(409, "too_late", "It has already gone out.");
    return ok(this.#setDelivery(entry, "cancelled"));
  }

  #retry(id: string): FakeAnswer {
    const entry = this.#entry(id);
    if (entry?.type !== "message") return problem(404, "not_found", "There is no such message.");
    const next = this.#setDelivery({ ...entry, text: entry.text.replace("fail", "") }, "queued");
    this.#deliver(next, 0);
    return { status: 202, json: next };
  }

  #resolve(id: string, body: Record<string, unknown>): FakeAnswer {
    const entry = this.#entry(id);
    if (entry?.type !== "message" || entry.delivery?.status !== "unknown")
      return problem(409, "not_unknown", "What became of this message is known already. Reload to see it.");
    return ok(this.#setDelivery(entry, body.as === "sent" ? "sent" : "failed"));
  }

  #entry(id: string): Entry | undefined {
    for (const list of this.seed.entries.values()) {
      const found = list.find((entry) => entry.id === id);
      if (found) return found;
    }
    return undefined;
  }

  #append(entry: Entry): void {
    const list = this.seed.entries.get(entry.conversation_id) ?? [];
    const at = list.findIndex(({ id }) => id === entry.id);
    this.seed.entries.set(entry.conversation_id, at < 0 ? [...list, entry] : list.with(at, entry));
  }

  #change(type: string, id: string, patch: Partial<Conversation>, entry: Entry | null): Conversation | undefined {
    const at = this.seed.conversations.findIndex((conversation) => conversation.id === id);
    const before = this.seed.conversations[at];
    if (!before) return undefined;
    const next = { ...before, ...patch };
    this.seed.conversations[at] = next;
    this.#tellEvent({
      type,
      conversation_id: id,
      subject_id: entry?.id ?? id,
      changed: Object.keys(patch),
      data: entry ? { entry, conversation: next } : { conversation: next },
    });
    return next;
  }

  #tellEvent(said: Omit<LogEvent, "seq" | "id" | "at" | "actor">): void {
    const seq = this.seq + 1;
    const event: LogEvent = {
      ...said,
      seq,
      id: this.#id("evt"),
      at: new Date().toISOString(),
      actor: { kind: "user", id: "user_sam" },
    };
    this.#log.push(event);
    this.#tell({ after: seq - 1, seq, events: [event] });
    this.#tell({ mine: { counts: this.#counts() } });
  }

  #tell(frame: Frame): void {
    for (const listener of this.#listeners) listener(frame);
  }

  #id(prefix: string): string {
    this.#serial += 1;
    return `${prefix}_${String(this.#serial).padStart(26, "0")}`;
  }
}

function ok(json: unknown): FakeAnswer {
  return { status: 200, json };
}

function problem(status: number, code: string, detail: string, errors?: unknown): FakeAnswer {
  return { status, json: { type: "about:blank", title: detail, status, detail, code, ...(errors ? { errors } : {}) } };
}

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="400"><rect width="640" height="400" fill="#c9d6dd"/><rect y="290" width="640" height="110" fill="#9a7b5c"/><rect x="250" y="40" width="150" height="250" rx="22" fill="#f4f4f1"/><ellipse cx="340" cy="330" rx="180" ry="28" fill="#5f8fa8"/></svg>`;
