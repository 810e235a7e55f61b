import { t } from "@lingui/core/macro";
import type { Conversation } from "@partyline/kit/api";
import { readableNumber } from "@partyline/kit/i18n";

/** First answer within this many minutes; the workspace's default target. */
export const TARGET_MINUTES = 30;

const MINUTE_MS = 60_000;
const HOUR_MIN = 60;
const DAY_MIN = 1_440;

export function contactName({ contact }: Pick<Conversation, "contact">): string {
  return contact.name?.trim() || readableNumber(contact.address);
}

/** Whole minutes that somebody waits, null when nobody does. `now` in ms. */
export function waitMinutes(conversation: Pick<Conversation, "waiting_since">, now: number): number | null {
  if (conversation.waiting_since === null) return null;
  return Math.max(0, Math.floor((now - Date.parse(conversation.waiting_since)) / MINUTE_MS));
}

/** Share of the target that has passed; 1 and more is over. */
export function targetFraction(minutes: number): number {
  return minutes / TARGET_MINUTES;
}

/** "42 m", "3 h", "2 d" */
export function waitText(minutes: number): string {
  if (minutes < HOUR_MIN) return t`${minutes} m`;
  const hours = Math.floor(minutes / HOUR_MIN);
  if (minutes < DAY_MIN) return t`${hours} h`;
  const days = Math.floor(minutes / DAY_MIN);
  return t`${days} d`;
}
