import type { Conversation, Entry, Id, User } from "@partyline/kit/api";
import type { Upload } from "./drafts.ts";

/** What every provider takes at most: characters of a text, files of a message, bytes of a file. */
export const MOST_CHARACTERS = 1_600;
export const MOST_FILES = 10;
export const MOST_BYTES = 5_000_000;
export const FILE_TYPES = /^(image|video|audio)\/|^application\/pdf$|^text\/(vcard|x-vcard|plain|calendar)$/;
/** From this many segments a warning colour is due: the price multiplies and some phones show parts apart. */
export const MANY_SEGMENTS = 2;

export type Refusal = "too_many" | "too_large" | "wrong_type";

/** Why a file can't be added, or null where it can. `held` is how many are there already. */
export function refuseFile(file: Pick<File, "type" | "size">, held: number): Refusal | null {
  if (held >= MOST_FILES) return "too_many";
  if (!FILE_TYPES.test(file.type)) return "wrong_type";
  return file.size > MOST_BYTES ? "too_large" : null;
}

/** Whether there is something to send, and all of it is ready. */
export function sendable(text: string, uploads: readonly Pick<Upload, "state">[]): boolean {
  if ([...text].length > MOST_CHARACTERS) return false;
  const ready = uploads.every(({ state }) => state === "ready");
  return ready && (text.trim() !== "" || uploads.length > 0);
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

/** Writes "@Ana Ruiz" as a mention that the server understands; longer names first, so that "@Ana" does not cut "@Ana Ruiz". */
export function withMentions(text: string, users: readonly Pick<User, "id" | "name">[]): string {
  const byLength = users.toSorted((a, b) => b.name.length - a.name.length);
  let marked = "";
  let at = 0;
  while (at < text.length) {
    const user = text[at] === "@" ? byLength.find(({ name }) => text.startsWith(name, at + 1)) : undefined;
    marked += user ? `@[${user.name}](${user.id})` : text[at];
    at += user ? user.name.length + 1 : 1;
  }
  return marked;
}

/** What stands after an "@" before the caret, or null where no mention is being typed. */
export function mentionQuery(text: string, caret: number): string | null {
  const match = /(?:^|\s)@([\p{L}\p{N}.'-]{0,30}(?: [\p{L}\p{N}.'-]{0,30})?)$/u.exec(text.slice(0, caret));
  return match?.[1] ?? null;
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
