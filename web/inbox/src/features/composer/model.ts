import type { Conversation, Entry, Id } from "@partyline/kit/api";
import type { Upload } from "./drafts.ts";

/** How far ahead a message can be scheduled: the server's bound. */
export const LATER_MOST_MS = 365 * 86_400_000;
/** What every provider takes at most: characters of a text, files of a message, and their bytes together. */
export const MOST_CHARACTERS = 1_600;
export const MOST_FILES = 10;
export const MOST_BYTES = 5_000_000;
export const FILE_TYPES = /^(image|video|audio)\/|^application\/pdf$|^text\/(vcard|x-vcard|plain|calendar)$/;
/** From this many segments a warning colour is due: the price multiplies and some phones show parts apart. */
export const MANY_SEGMENTS = 2;

export type Refusal = "too_many" | "too_large" | "too_large_together" | "wrong_type";

/** Why a file can't be added, or null where it can. `held` is how many are there already, and `bytes` how much those are. */
export function refuseFile(file: Pick<File, "type" | "size">, held: number, bytes = 0): Refusal | null {
  if (held >= MOST_FILES) return "too_many";
  if (!FILE_TYPES.test(file.type)) return "wrong_type";
  if (file.size > MOST_BYTES) return "too_large";
  return file.size + bytes > MOST_BYTES ? "too_large_together" : null;
}

/** Whether there is something to send, and all of it is ready. */
export function sendable(text: string, uploads: readonly Pick<Upload, "state">[]): boolean {
  if ([...text].length > MOST_CHARACTERS) return false;
  const ready = uploads.every(({ state }) => state === "ready");
  return ready && (text.trim() !== "" || uploads.length > 0);
}

/** Characters of a note. */
const MOST_OF_NOTE = 20_000;

export function noteSendable(text: string): boolean {
  return text.trim() !== "" && text.length <= MOST_OF_NOTE;
}

export type Via = { channel: Conversation["channels"][number]; why: "last_wrote" | "last_used" | "only" };

/** The number that a reply goes out from: where they last wrote, else where we last wrote, else the first. */
export function viaOf(conversation: Pick<Conversation, "channels">, entries: readonly Entry[]): Via | null {
  const messages = entries.filter((entry) => entry.type === "message");
  const find = (id: Id | null | undefined) => conversation.channels.find((channel) => channel.id === id);
  const wrote = find(messages.findLast(({ direction }) => direction === "inbound")?.channel_id);
  if (wrote) return { channel: wrote, why: "last_wrote" };
  const used = find(messages.at(-1)?.channel_id);
  if (used) return { channel: used, why: "last_used" };
  const [first] = conversation.channels;
  return first ? { channel: first, why: "only" } : null;
}

/** The last thing on screen that a colleague or the contact said; the server compares it before it sends. */
export function lastSeen(entries: readonly Entry[]): Id | null {
  return entries.findLast(({ type }) => type !== "event")?.id ?? null;
}

/** Why the server hesitates, as sentences: it names each reason as `{code, detail}`. */
export function reasonTexts(reasons: unknown): string[] {
  if (!Array.isArray(reasons)) return [];
  return (reasons as unknown[]).flatMap((reason) => {
    if (typeof reason === "string") return [reason];
    const detail = typeof reason === "object" && reason !== null && "detail" in reason ? reason.detail : null;
    return typeof detail === "string" ? [detail] : [];
  });
}
