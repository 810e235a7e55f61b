import { t } from "@lingui/core/macro";
import type { DeliveryError, EventEntry } from "@partyline/kit/api";

type Names = { id: string; name: string }[];

/** What happened, as one sentence. Whole sentences only: other languages put the words in another order. */
export function eventSentence({ event, data, author }: EventEntry, me: string | undefined): string {
  const byMe = author.kind === "user" && author.id === me;
  const who = author.name ?? (author.kind === "rule" ? t`A rule` : author.kind === "api" ? t`A program` : t`Partyline`);
  switch (event) {
    case "conversation.created":
      return t`The conversation began`;
    case "conversation.assigned": {
      const assignees = Array.isArray(data.assignees) ? (data.assignees as Names) : [];
      const names = assignees.map(({ name }) => name).join(", ");
      if (assignees.length === 0) return byMe ? t`You left it without an owner` : t`${who} left it without an owner`;
      if (assignees.length === 1 && assignees[0]?.id === author.id) return byMe ? t`You took it` : t`${who} took it`;
      if (assignees.length === 1 && assignees[0]?.id === me) return t`${who} assigned it to you`;
      return byMe ? t`You assigned it to ${names}` : t`${who} assigned it to ${names}`;
    }
    case "conversation.updated": {
      if (isNamed(data.team)) {
        const team = data.team.name;
        return byMe ? t`You moved it to ${team}` : t`${who} moved it to ${team}`;
      }
      if ("team" in data) return byMe ? t`You took it out of its team` : t`${who} took it out of its team`;
      if (data.status === "spam") return byMe ? t`You marked it as spam` : t`${who} marked it as spam`;
      if (data.status === "trash") return byMe ? t`You put it in the trash` : t`${who} put it in the trash`;
      return byMe ? t`You changed it` : t`${who} changed it`;
    }
    case "conversation.closed":
      return byMe ? t`You closed it` : t`${who} closed it`;
    case "conversation.reopened":
      if (data.reason === "inbound") return t`Opened again by their message`;
      if (data.reason === "failed") return t`Opened again because a message did not arrive`;
      return byMe ? t`You opened it again` : t`${who} opened it again`;
    case "conversation.snoozed":
      return byMe ? t`You snoozed it` : t`${who} snoozed it`;
    case "consent.changed":
      return consentSentence(data.state === "revoked", data.source);
    default:
      return byMe ? t`You changed it (${event})` : t`${who} changed it (${event})`;
  }
}

/** `source`: how we know (they wrote a keyword, the provider told, a colleague wrote it down, …). */
function consentSentence(revoked: boolean, source: unknown): string {
  if (revoked) {
    if (source === "keyword") return t`They texted STOP. Nothing more is sent to this number`;
    if (source === "provider") return t`The provider says that they opted out. Nothing more is sent to this number`;
    return t`They opted out. Nothing more is sent to this number`;
  }
  if (source === "keyword") return t`They texted START. They can be texted again`;
  if (source === "provider") return t`The provider says that they opted in again`;
  if (source === "person") return t`Consent was written down by a colleague`;
  if (source === "inbound") return t`They wrote first, so they may be answered`;
  return t`Consent was recorded`;
}

function isNamed(value: unknown): value is { name: string } {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
}

export type Trouble = {
  reason: string;
  /** Whether sending the same again can help. */
  retry: boolean;
  /** Whether sending it changed can help. */
  edit: boolean;
};

/** The number takes no texts from us: neither again nor changed. */
const DEAD_ENDS = new Set(["opted_out", "invalid_number", "unknown_number", "landline", "not_mobile", "unroutable"]);
/** The message itself is at fault: the same would fail again. */
const FAULTY = new Set(["too_long", "empty", "files_too_large", "too_many_files"]);

/** Why a message was not delivered, in plain words: the server's sentence, or ours where it gives none. */
export function failureReason(error: DeliveryError | null): Trouble {
  const code = error?.code ?? "";
  const edit = !DEAD_ENDS.has(code);
  return { reason: error?.detail ?? ownReason(code), retry: edit && !FAULTY.has(code), edit };
}

function ownReason(code: string): string {
  switch (code) {
    case "opted_out":
      return t`They opted out of texts. They can write START to undo that.`;
    case "invalid_number":
    case "unknown_number":
      return t`This number does not exist.`;
    case "landline":
    case "not_mobile":
      return t`This number can’t get texts.`;
    case "unreachable":
      return t`Their phone was off or out of reach.`;
    case "blocked":
    case "filtered":
      return t`Their carrier blocked it, often for its wording or a link.`;
    case "sender_unregistered":
    case "sender_not_usable":
      return t`Our number may not send texts yet. An admin has to look at it.`;
    case "credentials_refused":
    case "account_inactive":
      return t`The provider refused our account. An admin has to look at it.`;
    case "lost":
    case "timeout":
      return t`The provider did not answer.`;
    default:
      return t`The carrier gave no reason.`;
  }
}
