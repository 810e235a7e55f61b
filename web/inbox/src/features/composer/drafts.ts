import type { Attachment, Id, ReplyIn } from "@partyline/kit/api";
import { useCallback, useSyncExternalStore } from "react";
import { moved, type Chosen } from "./mentions.ts";
import type { Base } from "./shared.ts";

export type Mode = "reply" | "note";
export type Upload = {
  key: string;
  name: string;
  size: number;
  preview: string | null;
  state: "uploading" | "ready" | "failed";
  attachment: Attachment | null;
};
/**
 * A reply whose answer has not come: it may have arrived all the same. Pressing again sends exactly this once more, under the same
 * key, so that the server can tell the two apart from one.
 */
export type Tried = { key: string; body: ReplyIn };
/** Text that is not sent yet. All but the uploads outlives the page. */
export type Draft = {
  text: string;
  /** Who is meant in it, for the note that it may become. */
  mentions: readonly Chosen[];
  mode: Mode;
  uploads: readonly Upload[];
  tried: Tried | null;
  /** The canned response that it was made with. */
  canned: Id | null;
  /** What the team has of it; null: nothing yet. */
  base: Base | null;
};

const PREFIX = "partyline.draft.";
const EMPTY: Draft = { text: "", mentions: [], mode: "reply", uploads: [], tried: null, canned: null, base: null };

const drafts = new Map<Id, Draft>();
const listeners = new Set<() => void>();
const watchers = new Set<(conversation: Id) => void>();

export function draftOf(conversation: Id): Draft {
  let draft = drafts.get(conversation);
  if (!draft) {
    draft = stored(conversation) ?? EMPTY;
    drafts.set(conversation, draft);
  }
  return draft;
}

export function setDraft(conversation: Id, change: Partial<Draft>): void {
  const before = draftOf(conversation);
  const mentions = moved(before.text, change.text ?? before.text, before.mentions);
  const draft = { ...before, mentions, ...change };
  if (draft.text === "") draft.canned = null;
  drafts.set(conversation, draft);
  try {
    if (draft.text === "") localStorage.removeItem(PREFIX + conversation);
    else
      localStorage.setItem(
        PREFIX + conversation,
        JSON.stringify({
          text: draft.text,
          mentions: draft.mentions,
          mode: draft.mode,
          tried: draft.tried,
          canned: draft.canned,
          base: draft.base,
        }),
      );
  } catch {
    // Storage is full or forbidden: the draft lasts as long as the page.
  }
  for (const listener of listeners) listener();
  for (const watcher of watchers) watcher(conversation);
}

/** Tells of each change, and in which conversation. Returns the way to stop. */
export function onDraft(watcher: (conversation: Id) => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** "In an hour", said again a little later, is the same wish: a second one might leave beside the first. */
const SAME_TIME_MS = 10 * 60_000;

function sameTime(a: string | null | undefined, b: string | null | undefined): boolean {
  if (!a || !b) return !a && !b;
  return Math.abs(Date.parse(a) - Date.parse(b)) <= SAME_TIME_MS;
}

/** Whether it closes is not asked: what may have arrived must not leave twice for that. */
function sameWish(a: ReplyIn, b: ReplyIn): boolean {
  return (
    a.text === b.text &&
    a.channel_id === b.channel_id &&
    JSON.stringify(a.attachment_ids) === JSON.stringify(b.attachment_ids) &&
    JSON.stringify(a.confirm ?? []) === JSON.stringify(b.confirm ?? []) &&
    sameTime(a.send_at, b.send_at)
  );
}

/** What to send: what was tried and not answered, when it is the same wish; else the wish, under a new key. */
export function attempt(tried: Tried | null, wish: ReplyIn, key: string): Tried {
  return tried && sameWish(tried.body, wish) ? tried : { key, body: wish };
}

/** Puts the text of an earlier message into the composer, unless something is written there. */
export function requestEdit(conversation: Id, text: string): void {
  if (draftOf(conversation).text.trim() === "") setDraft(conversation, { text, mode: "reply" });
}

/** Signing out leaves nothing behind for the next person at this browser. */
export function forgetDrafts(): void {
  drafts.clear();
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  for (const listener of listeners) listener();
}

export function useDraft(conversation: Id): Draft {
  const subscribe = useCallback((listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, []);
  return useSyncExternalStore(subscribe, () => draftOf(conversation));
}

function stored(conversation: Id): Draft | null {
  try {
    const value = JSON.parse(localStorage.getItem(PREFIX + conversation) ?? "null") as {
      text?: unknown;
      mentions?: Chosen[];
      mode?: unknown;
      tried?: Tried | null;
      canned?: Id | null;
      base?: Base | null;
    } | null;
    return typeof value?.text === "string"
      ? {
          ...EMPTY,
          text: value.text,
          mentions: Array.isArray(value.mentions) ? value.mentions : [],
          mode: value.mode === "note" ? "note" : "reply",
          tried: value.tried ?? null,
          canned: value.canned ?? null,
          // its files are not kept here
          base: value.base ? { ...value.base, files: null } : null,
        }
      : null;
  } catch {
    return null;
  }
}
