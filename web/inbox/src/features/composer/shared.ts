import type { Attachment, Draft as Shared, Id } from "@partyline/kit/api";
import type { Draft } from "./drafts.ts";

/** What the server had when this browser's text was last the same. `files` is null after a reload, until the server has said them. */
export type Base = {
  channel: Id;
  version: number;
  text: string;
  canned: Id | null;
  files: readonly Id[] | null;
};

/** This browser's text, as far as it is shared. */
export type Local = Pick<Draft, "text" | "uploads" | "mode" | "canned" | "tried" | "base">;

/** What is to be done so that this browser and the server have the same draft. */
export type Step =
  | { do: "nothing" }
  /** The server's text comes into the box. */
  | { do: "adopt"; draft: Shared }
  /** The box stays, and this is what the server has now. */
  | { do: "settle"; draft: Shared | null }
  /** It was sent or discarded elsewhere, or is somebody else's now. */
  | { do: "clear" }
  /** The text goes on in another channel. */
  | { do: "move"; channel: Id; version: number }
  | { do: "write"; version: number | null }
  | { do: "discard"; version: number }
  /** Two texts, and neither is older: only a person can say. */
  | { do: "ask"; draft: Shared };

const NOTHING: Step = { do: "nothing" };

export function filesOf({ uploads }: Pick<Local, "uploads">): Id[] {
  return uploads.flatMap(({ attachment }) => (attachment ? [attachment.id] : []));
}

export function baseOf(draft: Shared): Base {
  const { channel_id: channel, version, text, canned_response_id: canned, attachments } = draft;
  return { channel, version, text, canned, files: attachments.map(({ id }) => id) };
}

const same = (a: readonly Id[], b: readonly Id[]) => a.length === b.length && a.every((id, at) => id === b[at]);

/** Does somebody else hold it? */
export function isTheirs(server: Shared, me: Id | null): boolean {
  return server.holder.id !== me;
}

/**
 * The next step. `server` is what stands on the channel now, `sent` what this browser has written last without being answered. No step drops
 * a text that is nowhere else.
 */
export function reconcile(
  local: Local,
  server: Shared | undefined,
  { channel, me, sent }: { channel: Id; me: Id | null; sent: string | null },
): Step {
  const { text, base, tried } = local;
  // a note is no draft, and a reply whose answer is open must stay as it was pressed
  if (local.mode === "note" || (tried && tried.body.text === text.trim())) return NOTHING;
  const files = filesOf(local);
  const empty = text === "" && files.length === 0;
  if (base && base.channel !== channel) {
    return empty ? { do: "settle", draft: null } : { do: "move", channel: base.channel, version: base.version };
  }
  const sameFiles = base === null || base.files === null || same(files, base.files);
  const changed = base ? text !== base.text || local.canned !== base.canned || !sameFiles : !empty;
  if (!server) {
    if (!base) return empty ? NOTHING : { do: "write", version: null };
    return changed && !empty ? { do: "settle", draft: null } : { do: "clear" };
  }
  if (isTheirs(server, me)) {
    if (base) return changed && text !== server.text ? { do: "settle", draft: null } : { do: "clear" };
    return text !== "" && text === server.text ? { do: "clear" } : NOTHING;
  }
  const now = baseOf(server);
  const filesUnknown = base?.files === null;
  if (base && base.version > server.version) return NOTHING;
  if (base && base.version === server.version) {
    if (filesUnknown && !changed) return { do: "adopt", draft: server };
    if (filesUnknown) return { do: "settle", draft: server };
    if (!changed) return NOTHING;
    return empty ? { do: "discard", version: base.version } : { do: "write", version: base.version };
  }
  if (text === server.text && (filesUnknown || same(files, now.files ?? [])))
    return filesUnknown ? { do: "adopt", draft: server } : { do: "settle", draft: server };
  if (sent !== null && server.text === sent) return { do: "settle", draft: server };
  return empty || !changed ? { do: "adopt", draft: server } : { do: "ask", draft: server };
}

/** Both texts, the other one first. */
export function joined(theirText: string, mine: string): string {
  if (mine.trim() === "" || theirText.includes(mine.trim())) return theirText;
  return mine.includes(theirText.trim()) ? mine : `${theirText.trimEnd()}\n\n${mine}`;
}

/** The attachments of both, each once. */
export function bothFiles(theirFiles: readonly Attachment[], mine: readonly Attachment[]): Attachment[] {
  return [...theirFiles, ...mine.filter(({ id }) => !theirFiles.some((file) => file.id === id))];
}
