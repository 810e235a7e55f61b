/** The carrier's control API, `/carrier/…`: what it says and how it is asked. */

export interface Media {
  sid: string;
  content_type: string;
  path: string;
}

export interface Message {
  ordinal: number;
  sid: string;
  direction: "from_phone" | "to_phone" | "automatic";
  phone: string;
  number: string;
  text: string;
  media: Media[];
  status: string;
  error_code: number | null;
  created_at: string;
  /** When a phone that is off makes it fail. */
  fails_at: string | null;
  /** How the inbox answered the webhook; 0 when it did not, null before that. */
  webhook_status: number | null;
}

export interface Phone {
  number: string;
  name: string;
  network: string;
  on: boolean;
  opted_out: string[];
}

export interface BusinessNumber {
  phone_number: string;
  friendly_name: string;
  sms_url: string;
}

/** On, off, or on for so many times more. */
export type Switch = boolean | number;

export interface Faults {
  send_latency_ms: number;
  too_many_requests: Switch;
  server_error: Switch;
  drop_after_accept: Switch;
  duplicate_webhooks: Switch;
  hold_receipts_s: number;
  shuffle_receipts: Switch;
  lose_receipts_percent: number;
  wrong_signature: Switch;
  filter_as_spam: Switch;
  landline: Switch;
  refuse_opted_out: Switch;
  down_s: number;
}

export type FaultName = keyof Faults;

export interface WireEntry {
  id: number;
  at: string;
  side: "to_provider" | "to_inbox";
  about: string;
  method: string;
  target: string;
  request_headers: [string, string][];
  request_body: string;
  status: number | null;
  trouble: "timeout" | "connect" | "dropped" | "down" | "lost" | null;
  response_body: string;
  latency_ms: number | null;
  message_sid: string | null;
  phone: string | null;
  segments: number | null;
  encoding: string | null;
  faults: FaultName[];
  /** Parameters that the provider's API document does not name. */
  unknown_parameters: string[];
}

export interface State {
  seed: number;
  inbox_url: string | null;
  accounts: { sid: string; friendly_name: string }[];
  numbers: BusinessNumber[];
  phones: Phone[];
  messages: Message[];
  faults: Faults;
  wire: WireEntry[];
}

export type Change =
  | { kind: "message"; data: Message }
  | { kind: "deleted"; data: string }
  | { kind: "phone"; data: Phone }
  | { kind: "number"; data: BusinessNumber }
  | { kind: "faults"; data: Faults }
  | { kind: "wire"; data: WireEntry }
  | { kind: "reset" };

/** The carrier said no; `code` is stable. */
export class Refused extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(`/carrier/${path}`, init);
  } catch {
    throw new Refused("unreachable");
  }
  if (answer.ok) return answer;
  const body: unknown = await answer.json().catch(() => null);
  const code = body !== null && typeof body === "object" && "code" in body ? String(body.code) : "other";
  throw new Refused(code);
}

function json(method: string, body: unknown): RequestInit {
  return { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

export async function readState(): Promise<State> {
  return (await (await ask("state", {})).json()) as State;
}

export async function sendText(phone: string, to: string, text: string, pictures: File[]): Promise<void> {
  const path = `phones/${encodeURIComponent(phone)}/messages`;
  if (pictures.length === 0) {
    await ask(path, json("POST", { to, text }));
    return;
  }
  const form = new FormData();
  form.set("to", to);
  form.set("text", text);
  for (const picture of pictures) form.append("media", picture);
  await ask(path, { method: "POST", body: form });
}

export async function addPhone(number: string, name: string): Promise<void> {
  await ask("phones", json("POST", { number, name }));
}

export async function switchPhone(number: string, on: boolean): Promise<void> {
  await ask(`phones/${encodeURIComponent(number)}`, json("PATCH", { on }));
}

export async function changeFaults(patch: Partial<Faults>): Promise<void> {
  await ask("faults", json("PATCH", patch));
}

export async function startOver(): Promise<void> {
  await ask("reset", { method: "POST" });
}
