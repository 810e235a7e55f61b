/** What the server says over HTTP and over the socket. Times are RFC 3339 in UTC; ids are TypeIDs. */

export type Id = string;
export type Time = string;

export type Role = "owner" | "admin" | "lead" | "agent" | "viewer";
export type User = {
  id: Id;
  name: string;
  email: string;
  role: Role;
  active: boolean;
  created_at: Time;
  team_ids: Id[];
};
export type Team = { id: Id; name: string; member_ids: Id[]; closed: boolean; created_at: Time };

export type Tally = { total: number; unread: number };
export type View = "unassigned" | "mine" | "all" | "closed";
export type Tallies = Record<View, Tally>;
export type Counts = Tallies & { teams: Record<Id, Tallies> };

export type WorkspaceSettings = { undo_seconds: number; assign_on_reply: boolean; region: string };
export type Workspace = { id: Id; name: string; time_zone: string; settings: WorkspaceSettings };
export type Me = { user: User; workspace: Workspace; permissions: string[]; counts: Counts; seq: number };

export type Check = { name: string; state: "ok" | "warn" | "fail"; detail: string };
export type Setup = {
  needed: boolean;
  token_required: boolean;
  version: string;
  workspace_name: string | null;
  public_url: string | null;
  /** In the demo, where the pretend phones are. */
  demo_phones?: string | null;
  checks: Check[];
};

export type ChannelKind = "sms" | "email" | "whatsapp" | "chat" | "call";
export type Channel = {
  id: Id;
  connection_id: Id;
  kind: ChannelKind;
  provider: string;
  name: string;
  address: string;
  team_id: Id | null;
  status: string;
  mode: "webhooks" | "polling";
  webhooks: Record<string, string>;
  settings: { reopen_days: number; undo_seconds: number; provider_answers_stop: boolean };
  created_at: Time;
  last_inbound_at: Time | null;
};
export type Connection = {
  id: Id;
  provider: string;
  name: string;
  account_id: string | null;
  api_base_url: string | null;
  status: "connected" | "refused" | "unreachable";
  channel_ids: Id[];
  created_at: Time;
  signature_failures: number;
  previous_secret_until: Time | null;
};
export type ProviderField = {
  name: string;
  label: string;
  help: string;
  secret: boolean;
  required: boolean;
  placeholder: string;
  pattern: string | null;
};
export type Provider = {
  name: string;
  title: string;
  kinds: ChannelKind[];
  fields: ProviderField[];
  capabilities: Record<string, unknown>;
};
export type VerifiedNumber = {
  address: string;
  name: string;
  provider_id: string;
  can: string[];
  webhook: string | null;
  /** Why a webhook that is set on the number may have no effect. */
  caution?: string | null;
  channel_id: Id | null;
};
export type Verification = {
  account: { id: string; name: string; status: string; detail: string | null };
  numbers: VerifiedNumber[];
  /** The account has more numbers than are listed. */
  more_numbers?: boolean;
  webhooks: { mode: "webhooks" | "polling"; reason: string | null };
};

export type Status = "open" | "snoozed" | "closed" | "spam" | "trash";
export type Priority = "none" | "low" | "high" | "urgent";
export type DeliveryStatus =
  | "scheduled"
  | "queued"
  | "sending"
  | "sent"
  | "delivered"
  | "read"
  | "failed"
  | "cancelled"
  | "unknown";
export type Named = { id: Id; name: string };

export type Conversation = {
  id: Id;
  subject: string | null;
  status: Status;
  snoozed_until: Time | null;
  team_id: Id | null;
  assignee_ids: Id[];
  assignees: Named[];
  label_ids: Id[];
  priority: Priority;
  contact: { id: Id; name: string | null; address: string };
  channel_ids: Id[];
  channels: { id: Id; name: string; kind: ChannelKind; address: string }[];
  preview: string;
  participants: string[];
  merged_into: Id | null;
  unread: boolean;
  /** Since when somebody waits for an answer; null when answered. */
  waiting_since: Time | null;
  last_activity_at: Time;
  created_at: Time;
  last_message: {
    direction: "inbound" | "outbound";
    author_name: string | null;
    delivery_status: DeliveryStatus | null;
    has_attachments: boolean;
  } | null;
  /** The last entry that this user has read. */
  seen_entry_id: Id | null;
  last_entry_id: Id | null;
  opted_out: boolean;
};

export type Author = { kind: "contact" | "user" | "rule" | "api" | "system"; id: Id | null; name: string | null };
export type Attachment = { id: Id; name: string; content_type: string; size: number; url: string };
export type DeliveryError = { code: string; provider_code: string | null; detail: string | null };
export type Delivery = {
  status: DeliveryStatus;
  provider_id: string | null;
  segments: number | null;
  error: DeliveryError | null;
  at: Time;
  /** Until when an undo is possible, or when a scheduled message goes out. */
  send_at?: Time | null;
  reason?: string | null;
};
type EntryBase = { id: Id; conversation_id: Id; at: Time; author: Author };
export type Message = EntryBase & {
  type: "message";
  direction: "inbound" | "outbound";
  channel_id: Id;
  text: string;
  html: string | null;
  attachments: Attachment[];
  delivery: Delivery | null;
};
export type Note = EntryBase & { type: "note"; text: string; mentions: Named[] };
export type EventEntry = EntryBase & { type: "event"; event: string; data: Record<string, unknown> };
export type Entry = Message | Note | EventEntry;

export type Page<T> = { data: T[]; next_cursor: string | null };

/** One line of the workspace's log; `data` is its subject as it is now, null if erased or hidden from this user. */
export type LogEvent = {
  seq: number;
  id: Id;
  at: Time;
  actor: { kind: string; id: Id | null };
  type: string;
  conversation_id: Id | null;
  subject_id: Id | null;
  changed: string[];
  data: unknown;
};
export type EventPage = Page<LogEvent> & { seq: number };

export type Presence = { conversation_id: Id; viewers: Named[]; typing: Named[] };
export type ReadMark = { conversation_id: Id; unread: boolean; entry_id: Id | null };
export type Frame =
  | { after: number; seq: number; events: LogEvent[] }
  | { mine: { counts?: Counts; read?: ReadMark } }
  | { presence: Presence };
export type ClientFrame = { view: Id | null } | { typing: Id };
