import type {
  Channel,
  Connection,
  Conversation,
  Import,
  LogEvent,
  Message,
  Provider,
  Team,
  User,
} from "../api/types.ts";
import type { FakeAnswer, FakeRequest } from "./fakeServer.ts";
import type { Seed } from "./seed.ts";

/** What the settings' part needs of the fake server. */
export type FakeHost = {
  seed: Seed;
  id(prefix: string): string;
  tell(event: Omit<LogEvent, "seq" | "id" | "at" | "actor">): void;
};

const TWILIO: Provider = {
  name: "twilio",
  title: "Twilio",
  kinds: ["sms"],
  fields: [
    {
      name: "account_sid",
      label: "Account SID",
      help: "On the first page of the Twilio Console, under Account Info.",
      secret: false,
      required: true,
      placeholder: "AC…",
      pattern: "^AC[0-9a-fA-F]{32}$",
    },
    {
      name: "auth_token",
      label: "Auth token",
      help: "Beside the Account SID. It is also what proves that an arriving text comes from Twilio.",
      secret: true,
      required: true,
      placeholder: "",
      pattern: null,
    },
    {
      name: "api_key_sid",
      label: "API key SID",
      help: "Optional: requests are then signed with this key, which you can take back without changing the auth token.",
      secret: false,
      required: false,
      placeholder: "SK…",
      pattern: "^SK[0-9a-fA-F]{32}$",
    },
    {
      name: "api_key_secret",
      label: "API key secret",
      help: "Shown once by Twilio, when the key is made.",
      secret: true,
      required: false,
      placeholder: "",
      pattern: null,
    },
  ],
  capabilities: {
    kinds: ["sms"],
    text_limit: 1600,
    media: { max_count: 10, max_total_bytes: 5_000_000, types: ["image/jpeg"], needs_public_url: true },
    delivery_receipts: true,
    read_receipts: false,
    stop: { long_code: "provider", toll_free: "network", short_code: "provider" },
    can_list: true,
    webhook_patience_ms: 15_000,
  },
};
const CHECKS = [
  { name: "storage", state: "ok", detail: "Everything rests in SQLite." },
  {
    name: "public_url",
    state: "warn",
    detail: "This server has no public https address, so messages of providers are fetched every few seconds.",
  },
];
const POLLING =
  "This server has no public https address, so the provider can't call it. Messages will be fetched every few seconds instead; nothing at the provider is changed.";
const NUMBERS: [string, string, string[], string | null][] = [
  ["+14155550100", "West line", ["sms", "mms", "voice"], null],
  ["+14155550146", "Maintenance text line", ["sms", "mms"], "https://hooks.zap.example/catch/8812/texts"],
  [
    "+14155550188",
    "Alder Street leasing, the old number on the banner",
    ["sms", "mms", "voice"],
    "https://studio.example/flows/FW31",
  ],
  ["+18335550121", "Toll-free", ["sms", "voice"], null],
  ["+12125550137", "East spare", ["voice"], null],
];

/** What an ordinary number may send. */
export const USUAL_RATE = {
  messages_per_second: 1,
  segments_per_second: 1,
  is_usual: true,
  usual: 1,
  sender_kind: "long_code",
};

/** Set-up, people, teams, connections and channels, as far as the app uses them. */
export class FakeSettings {
  setupNeeded = false;
  tokenRequired = false;
  /** Whether the user may change people and channels. */
  manages = true;
  mode: "webhooks" | "polling" = "webhooks";
  /** The next channel that is connected fails. */
  failNext = false;
  #host: FakeHost;
  #connections: Connection[] = [];
  #imports: Import[] = [];

  constructor(host: FakeHost) {
    this.#host = host;
    this.#connections.push({
      id: "conn_1",
      provider: "twilio",
      name: "Harbor & Pine",
      account_id: "AC4f00000000000000000000000000009e1b",
      api_base_url: null,
      status: "connected",
      health: { state: "connected", breaker: "closed", since: null, retry_at: null, reason: null },
      channel_ids: host.seed.channels.map(({ id }) => id),
      created_at: "2026-03-01T09:00:00Z",
      signature_failures: 3,
      previous_secret_until: new Date(Date.now() + 7_200_000).toISOString(),
    });
  }

  /** Null: not a matter of settings. */
  handle({ method, path, body }: FakeRequest, me: () => unknown): FakeAnswer | null {
    const id = /\/((?:user|team|chan|conn)_[^/]+)/.exec(path)?.[1] ?? "";
    const { seed } = this.#host;
    switch (`${method} ${path.replace(/\/(user|team|chan|conn)_[^/]+/, "/:id")}`) {
      case "GET /setup":
        return ok({
          needed: this.setupNeeded,
          token_required: this.tokenRequired,
          version: "0.1.0",
          workspace_name: this.setupNeeded ? null : "Harbor & Pine",
          public_url: this.mode === "webhooks" ? "https://inbox.harborpine.example" : null,
          checks: CHECKS,
        });
      case "POST /setup":
        if (this.tokenRequired && body.token !== "right")
          return problem(403, "setup_token", "The set-up needs the token that the server printed when it started.");
        this.setupNeeded = false;
        return { status: 201, json: me() };
      case "POST /session":
        return this.#signIn(body, me);
      case "GET /providers":
        return ok({ data: [TWILIO], next_cursor: null });
      case "POST /connections/verify":
        return this.#verify(body);
      case "GET /connections":
        return ok({ data: this.#connections, next_cursor: null });
      case "GET /inbound":
      case "GET /inbound/groups":
        return ok({ data: [], next_cursor: null });
      case "POST /connections":
        return this.#connect(body);
      case "PATCH /connections/:id":
        return this.#change(this.#connections, id, "connection", body);
      case "POST /channels":
        return this.#channel(body);
      case "PATCH /channels/:id":
        return this.#changeChannel(id, body);
      case "DELETE /channels/:id":
        seed.channels = seed.channels.filter((channel) => channel.id !== id);
        this.#host.tell({ type: "channel.removed", conversation_id: null, subject_id: id, changed: [], data: null });
        return { status: 204 };
      case "GET /channels/:id/imports":
        return ok({ data: this.#imports.filter(({ channel_id }) => channel_id === id), next_cursor: null });
      case "POST /channels/:id/imports":
        return this.#import(id, Number(body.days));
      case "POST /users": {
        if (seed.users.some(({ email }) => email === body.email))
          return invalid("email", "This person is in the workspace already.");
        const user = {
          ...body,
          id: this.#host.id("user"),
          active: true,
          created_at: new Date().toISOString(),
        } as unknown as User;
        seed.users.push(user);
        return this.#made("user", user);
      }
      case "PATCH /users/:id":
        if (id === "user_sam" && (body.active === false || (body.role !== undefined && body.role !== "owner")))
          return problem(422, "last_owner", "A workspace needs an owner. Make somebody else owner first.");
        return this.#change(seed.users, id, "user", body);
      case "POST /teams": {
        if (seed.teams.some(({ name }) => name === body.name))
          return invalid("name", "There is a team with this name.");
        const team = { ...body, id: this.#host.id("team"), created_at: new Date().toISOString() } as unknown as Team;
        seed.teams.push(team);
        return this.#made("team", team);
      }
      case "PATCH /teams/:id":
        return this.#change(seed.teams, id, "team", body);
      default:
        return method === "DELETE" && path.includes("/imports/") ? this.#stopImport(path) : null;
    }
  }

  /** An import that stands half-way. */
  #import(channel: string, days: number): FakeAnswer {
    const now = Date.now();
    const before = (share: number) => new Date(now - days * share * 86_400_000).toISOString();
    const started: Import = {
      id: this.#host.id("imp"),
      channel_id: channel,
      status: "running",
      days,
      since: before(1),
      until: before(0),
      at: before(0.5),
      found: 420,
      imported: 400,
      error: null,
      created_by: null,
      created_at: before(0),
      ended_at: null,
    };
    this.#imports.unshift(started);
    return { status: 201, json: started };
  }

  #stopImport(path: string): FakeAnswer {
    const at = this.#imports.findIndex(({ id }) => path.endsWith(`/${id}`));
    const one = this.#imports[at];
    if (!one) return problem(404, "not_found", "The import was not found.");
    const stopped: Import = { ...one, status: "cancelled", ended_at: new Date().toISOString() };
    this.#imports[at] = stopped;
    return ok(stopped);
  }

  /** Somebody texts a channel for the first time. */
  text(address: string, text: string): void {
    const { seed, id } = this.#host;
    const channel = seed.channels.find((one) => one.address === address);
    const [model] = seed.conversations;
    if (!channel || !model) return;
    const at = new Date().toISOString();
    const conversation = id("conv");
    const entry: Message = {
      id: id("msg"),
      type: "message",
      conversation_id: conversation,
      at,
      author: { kind: "contact", id: null, name: null },
      direction: "inbound",
      channel_id: channel.id,
      text,
      html: null,
      attachments: [],
      delivery: null,
      late: false,
      imported: false,
    };
    const made: Conversation = {
      ...model,
      id: conversation,
      subject: null,
      assignee_ids: [],
      assignees: [],
      status: "open",
      contact: { id: id("cont"), name: null, address: "+14155550177" },
      channel_ids: [channel.id],
      channels: [{ id: channel.id, name: channel.name, kind: "sms", address }],
      preview: text,
      unread: true,
      waiting_since: at,
      last_activity_at: at,
      created_at: at,
      last_entry_id: entry.id,
      last_message: { direction: "inbound", author_name: null, delivery_status: null, has_attachments: false },
      opted_out: false,
    };
    seed.conversations.push(made);
    seed.entries.set(conversation, [entry]);
    this.#host.tell({
      type: "message.received",
      conversation_id: conversation,
      subject_id: entry.id,
      changed: [],
      data: { entry, conversation: made },
    });
  }

  #signIn(body: Record<string, unknown>, me: () => unknown): FakeAnswer {
    if (body.password === "wrong") return problem(401, "wrong_credentials", "The email or the password is wrong.");
    if (body.password === "many")
      return {
        ...problem(429, "too_many_attempts", "Too many attempts have failed. Wait a while, then try again."),
        headers: { "Retry-After": "252" },
      };
    if (body.password === "two" && !body.workspace_id) {
      const workspaces = [
        { id: "work_1", name: "Harbor & Pine" },
        { id: "work_2", name: "Quarry Road Storage" },
      ];
      return {
        status: 409,
        json: {
          type: "about:blank",
          title: "Choose",
          status: 409,
          detail: "Choose a workspace.",
          code: "choose_workspace",
          workspaces,
        },
      };
    }
    return ok(me());
  }

  #verify(body: Record<string, unknown>): FakeAnswer {
    const credentials = (body.credentials ?? {}) as Record<string, string>;
    if (!credentials.auth_token) return invalid("credentials.auth_token", "Enter the auth token.");
    if (credentials.auth_token === "wrong")
      return problem(422, "credentials_refused", "Twilio refused the credentials. Check Auth token and connect again.");
    const numbers = NUMBERS.map(([address, name, can, webhook]) => ({
      address,
      name,
      provider_id: `PN${address}`,
      can,
      webhook,
      channel_id: this.#host.seed.channels.find((channel) => channel.address === address)?.id ?? null,
    }));
    return ok({
      account: { id: credentials.account_sid, name: "Harbor & Pine Property Care LLC", status: "active", detail: null },
      numbers,
      more_numbers: false,
      webhooks: { mode: this.mode, reason: this.mode === "polling" ? POLLING : null },
    });
  }

  #connect(body: Record<string, unknown>): FakeAnswer {
    const credentials = body.credentials as Record<string, string>;
    const connection: Connection = {
      id: this.#host.id("conn"),
      provider: String(body.provider),
      name: String(body.name),
      account_id: credentials.account_sid ?? null,
      api_base_url: null,
      status: "connected",
      health: { state: "connected", breaker: "closed", since: null, retry_at: null, reason: null },
      channel_ids: [],
      created_at: new Date().toISOString(),
      signature_failures: 0,
      previous_secret_until: null,
    };
    this.#connections.push(connection);
    return this.#made("connection", connection);
  }

  #channel(body: Record<string, unknown>): FakeAnswer {
    if (this.failNext) {
      this.failNext = false;
      return problem(
        422,
        "provider_trouble",
        "The provider has trouble of its own (status 503). Try again in a minute.",
      );
    }
    const { seed } = this.#host;
    const base = "https://inbox.harborpine.example/hooks/twilio/conn_1";
    const channel: Channel = {
      id: this.#host.id("chan"),
      connection_id: String(body.connection_id),
      kind: "sms",
      provider: "twilio",
      name: String(body.name),
      address: String(body.address),
      team_id: (body.team_id as string | null) ?? null,
      status: "connected",
      mode: this.mode,
      webhooks: this.mode === "webhooks" ? { message: `${base}/message`, status: `${base}/status` } : {},
      webhook_elsewhere: null,
      reading: null,
      settings: {
        reopen_days: 3,
        undo_seconds: 5,
        provider_answers_stop: true,
        set_webhooks: true,
        price: null,
        rate: USUAL_RATE,
      },
      created_at: new Date().toISOString(),
      last_inbound_at: null,
    };
    seed.channels.push(channel);
    this.#connections.find(({ id }) => id === channel.connection_id)?.channel_ids.push(channel.id);
    return this.#made("channel", channel);
  }

  #changeChannel(id: string, { reopen_days, undo_seconds, ...body }: Record<string, unknown>): FakeAnswer {
    if (Number(reopen_days) > 365) return invalid("reopen_days", "At most 365.");
    const channel = this.#host.seed.channels.find((one) => one.id === id);
    if (!channel) return problem(404, "not_found", "The channel was not found.");
    const settings = {
      ...channel.settings,
      ...(reopen_days === undefined ? {} : { reopen_days: Number(reopen_days) }),
      ...(undo_seconds === undefined ? {} : { undo_seconds: Number(undo_seconds) }),
    };
    return this.#change(this.#host.seed.channels, id, "channel", { ...body, settings });
  }

  #change<Row extends { id: string }>(
    rows: Row[],
    id: string,
    noun: string,
    body: Record<string, unknown>,
  ): FakeAnswer {
    const at = rows.findIndex((row) => row.id === id);
    const before = rows[at];
    if (!before) return problem(404, "not_found", "It was not found.");
    const { credentials, ...visible } = body;
    if (credentials && (credentials as Record<string, string>).auth_token === "wrong")
      return problem(422, "credentials_refused", "Twilio refused the credentials. Check Auth token and connect again.");
    const next = { ...before, ...visible };
    rows[at] = next;
    this.#host.tell({
      type: `${noun}.updated`,
      conversation_id: null,
      subject_id: id,
      changed: Object.keys(body),
      data: next as unknown as LogEvent["data"],
    });
    return ok(next);
  }

  #made(noun: string, row: User | Team | Channel | Connection): FakeAnswer {
    this.#host.tell({ type: `${noun}.created`, conversation_id: null, subject_id: row.id, changed: [], data: row });
    return { status: 201, json: row };
  }
}

function ok(json: unknown): FakeAnswer {
  return { status: 200, json };
}

function problem(status: number, code: string, detail: string, errors?: unknown): FakeAnswer {
  return { status, json: { type: "about:blank", title: detail, status, detail, code, ...(errors ? { errors } : {}) } };
}

function invalid(field: string, detail: string): FakeAnswer {
  return problem(422, "invalid", "Some fields need another look.", [{ field, code: "invalid", detail }]);
}
