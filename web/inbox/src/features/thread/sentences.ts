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
      if (data.state === "revoked")
        return data.source === "STOP" || data.source === "keyword"
          ? t`They texted STOP. Nothing more is sent to this number`
          : t`They opted out. Nothing more is sent to this number`;
      if (data.state === "express")
        return byMe ? t`You confirmed that they want to be texted` : t`${who} confirmed that they want to be texted`;
      if (data.source === "START" || data.source === "keyword") return t`They texted START. They can be texted again`;
      return typeof data.source === "string" && data.source !== ""
        ? t`Consent recorded: ${data.source}`
        : t`Consent recorded`;
    default:
      return byMe ? t`You changed it (${event})` : t`${who} changed it (${event})`;
  }
}

function isNamed(value: unknown): value is { name: string } {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
}

export type Trouble = { reason: string /** Whether sending it again can help. */; retry: boolean };

/** Why a message was not delivered, in plain words. */
export function failureReason(error: DeliveryError | null): Trouble {
  switch (error?.code) {
    case "opted_out":
      return { reason: t`They opted out of texts. They can write START to undo that.`, retry: false };
    case "invalid_number":
    case "unknown_number":
      return { reason: t`This number does not exist.`, retry: false };
    case "landline":
      return { reason: t`This looks like a landline, which can’t get texts.`, retry: false };
    case "unreachable":
      return { reason: t`Their phone was off or out of reach.`, retry: true };
    case "blocked":
    case "carrier_blocked":
    case "filtered":
      return { reason: t`Their carrier blocked it, often for its wording or a link.`, retry: true };
    case "not_registered":
    case "unregistered":
      return { reason: t`Our number is not registered for texting yet.`, retry: true };
    case "rate_limited":
      return { reason: t`Too much was sent at once.`, retry: true };
    case "credentials_refused":
    case "unauthorized":
      return { reason: t`The provider refused our credentials. An admin can renew them in Settings.`, retry: true };
    case "insufficient_funds":
      return { reason: t`The account at the provider has run out of money.`, retry: true };
    case "provider_unreachable":
    case "timeout":
      return { reason: t`The provider did not answer.`, retry: true };
    case "expired":
      return { reason: t`It waited too long to be sent.`, retry: true };
    default:
      return { reason: error?.detail ?? t`The provider gave no reason.`, retry: true };
  }
}
