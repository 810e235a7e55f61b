import { t } from "@lingui/core/macro";
import type { DeliveryError, EventEntry } from "@partyline/kit/api";
import { fullWhen, listOf } from "@partyline/kit/i18n";
import type { Sender } from "../conversation/index.ts";

/** What happened, as one sentence. Whole sentences only: other languages put the words in another order. */
export function eventSentence({ event, data, author }: EventEntry, me: string | undefined): string {
  const byMe = author.kind === "user" && author.id === me;
  const who = author.name ?? (author.kind === "rule" ? t`A rule` : author.kind === "api" ? t`A program` : t`Partyline`);
  switch (event) {
    case "conversation.created":
      return t`The conversation began`;
    case "conversation.assigned": {
      const assignees = Array.isArray(data.assignees) ? (data.assignees as unknown[]).filter(isNamed) : [];
      const names = listOf(assignees.map(({ name }) => name ?? t`somebody who has left`));
      if (assignees.length === 0) return byMe ? t`You left it without an owner` : t`${who} left it without an owner`;
      if (assignees.length === 1 && assignees[0]?.id === author.id) return byMe ? t`You took it` : t`${who} took it`;
      if (assignees.length === 1 && assignees[0]?.id === me) return t`${who} assigned it to you`;
      return byMe ? t`You assigned it to ${names}` : t`${who} assigned it to ${names}`;
    }
    case "conversation.updated": {
      if (isNamed(data.team)) {
        const team = data.team.name ?? t`a team that is gone`;
        return byMe ? t`You moved it to ${team}` : t`${who} moved it to ${team}`;
      }
      if ("team" in data) return byMe ? t`You took it out of its team` : t`${who} took it out of its team`;
      if (data.taken_back === "they_wrote") return t`A message that was planned was taken back: they wrote first`;
      if (data.status === "spam") return byMe ? t`You marked it as spam` : t`${who} marked it as spam`;
      if (data.status === "trash") return byMe ? t`You put it in the trash` : t`${who} put it in the trash`;
      if (typeof data.priority === "string") return prioritySentence(data.priority, byMe, who);
      if (typeof data.subject === "string")
        return byMe ? t`You called it “${data.subject}”` : t`${who} called it “${data.subject}”`;
      if (data.subject === null) return byMe ? t`You took its subject off` : t`${who} took its subject off`;
      return byMe ? t`You changed it` : t`${who} changed it`;
    }
    case "conversation.labelled": {
      const [added, removed] = [labelNames(data.added), labelNames(data.removed)];
      if (removed === "") return byMe ? t`You put the label ${added} on it` : t`${who} put the label ${added} on it`;
      if (added === "") return byMe ? t`You took the label ${removed} off` : t`${who} took the label ${removed} off`;
      return byMe
        ? t`You put the label ${added} on it and took ${removed} off`
        : t`${who} put the label ${added} on it and took ${removed} off`;
    }
    case "conversation.closed":
      return byMe ? t`You closed it` : t`${who} closed it`;
    case "conversation.reopened":
      if (data.reason === "inbound") {
        const had = Array.isArray(data.had) ? (data.had as unknown[]).filter(isNamed) : [];
        const names = listOf(had.map(({ name }) => name ?? t`somebody who has left`));
        return names === ""
          ? t`Opened again by their message`
          : t`Opened again by their message. ${names} had it before`;
      }
      if (data.reason === "due") return t`Opened again: its time has come`;
      if (data.reason === "failed") return t`Opened again because a message did not arrive`;
      if (data.reason === "unknown") return t`Opened again because nobody knows whether a message left`;
      return byMe ? t`You opened it again` : t`${who} opened it again`;
    case "conversation.snoozed": {
      const until = typeof data.until === "string" ? new Date(data.until) : null;
      if (until === null || Number.isNaN(until.getTime()))
        return byMe ? t`You set it aside until they write` : t`${who} set it aside until they write`;
      const when = fullWhen(until);
      return byMe ? t`You set it aside until ${when}` : t`${who} set it aside until ${when}`;
    }
    case "consent.changed":
      return consentSentence(data, byMe, who);
    default:
      return byMe ? t`You changed something here` : t`${who} changed something here`;
  }
}

function prioritySentence(priority: string, byMe: boolean, who: string): string {
  switch (priority) {
    case "low":
      return byMe ? t`You said that it can wait` : t`${who} said that it can wait`;
    case "high":
      return byMe ? t`You gave it a high priority` : t`${who} gave it a high priority`;
    case "urgent":
      return byMe ? t`You said that it is urgent` : t`${who} said that it is urgent`;
    default:
      return byMe ? t`You took its priority off` : t`${who} took its priority off`;
  }
}

/** Empty where there are none. */
function labelNames(labels: unknown): string {
  const named = Array.isArray(labels) ? (labels as unknown[]).filter(isNamed) : [];
  return listOf(named.map(({ name }) => `“${name ?? t`a label that is gone`}”`));
}

/** `source`: how we know (they wrote a keyword, the provider told, a colleague wrote it down, …). */
function consentSentence({ state, source, evidence }: EventEntry["data"], byMe: boolean, who: string): string {
  if (state === "revoked") {
    if (source === "keyword") return t`They texted STOP. Nothing more is sent to this number`;
    if (source === "provider") return t`The provider says that they opted out. Nothing more is sent to this number`;
    return t`They opted out. Nothing more is sent to this number`;
  }
  if (source === "keyword") return t`They texted START. They can be texted again`;
  if (source === "provider") return t`The provider says that they opted in again`;
  if (source === "person") {
    if (typeof evidence !== "string" || evidence.trim() === "")
      return byMe ? t`You recorded that they agreed to texts` : t`${who} recorded that they agreed to texts`;
    const word = evidence.trim();
    return byMe
      ? t`You recorded that they agreed to texts: “${word}”`
      : t`${who} recorded that they agreed to texts: “${word}”`;
  }
  if (source === "inbound") return t`They wrote, so they can be answered`;
  if (source === "form") return t`They agreed to texts in a form`;
  if (source === "import") return t`Their consent came with an imported list`;
  return t`Consent was recorded`;
}

/** A person or a team in an event's data; the name is null where they are gone. */
function isNamed(value: unknown): value is { id: string; name: string | null } {
  if (typeof value !== "object" || value === null || !("id" in value) || !("name" in value)) return false;
  return typeof value.id === "string" && (typeof value.name === "string" || value.name === null);
}

export type Trouble = {
  reason: string;
  /** Whether sending the same again can help. */
  retry: boolean;
  /** Whether sending it changed can help. */
  edit: boolean;
  /** Whether changing it helps most. */
  editFirst: boolean;
  /** Whose trouble it was, where another number of ours can help. */
  sender: Sender | null;
};

/** The number takes no texts from us: neither again nor changed. */
const DEAD_ENDS = new Set(["opted_out", "invalid_number", "unknown_number", "landline", "not_mobile", "unroutable"]);
/** The message itself is at fault: the same would fail again. */
const FAULTY = new Set(["too_long", "empty", "files_too_large", "too_many_files"]);

/** What it says is at fault: the same would probably fail again. */
const ILL_WORDED = new Set(["filtered"]);
/**
 * It is about the number that it was sent from. Not among them, though another number might get through: `blocked`, because who blocks
 * us does not want to hear from us, and `filtered`, because carriers forbid to spread over several numbers what they hold back.
 */
const OUR_NUMBER = new Set([
  "sender_not_usable",
  "sender_unregistered",
  "unroutable",
  "daily_limit",
  "queue_full",
  "carrier_error",
]);
/** It is about the whole account of that number. */
const OUR_ACCOUNT = new Set([
  "credentials_refused",
  "account_inactive",
  "account_not_found",
  "trial_unverified",
  "region_not_allowed",
  "provider_unreachable",
  "provider_no_answer",
  "provider_busy",
]);

/** Why a message was not delivered, in plain words: the server's sentence, or ours where it gives none. */
export function failureReason(error: DeliveryError | null): Trouble {
  const code = error?.code ?? "";
  const edit = !DEAD_ENDS.has(code);
  return {
    reason: error?.detail ?? ownReason(code),
    retry: edit && !FAULTY.has(code),
    edit,
    editFirst: ILL_WORDED.has(code),
    sender: OUR_NUMBER.has(code) ? "number" : OUR_ACCOUNT.has(code) ? "account" : null,
  };
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
