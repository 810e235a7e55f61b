import { t } from "@lingui/core/macro";
import { ApiProblem, type StartIn, type Started } from "@partyline/kit/api";

/** One message to each of so many people at most. */
export const MOST_PEOPLE = 50;

/** Somebody who is written to. The number is in E.164. */
export type Recipient = { number: string; name: string | null };
/** What a message is, as the law and the carriers ask. */
export type MessageClass = "reply" | "update" | "marketing";
/** Why the server asks what it is: they never wrote, or not for a day. */
export type AskedCode = "first_contact" | "late_reply";
/** How it went with one of them. */
export type Outcome =
  | { state: "sent"; started: Started }
  | { state: "asked"; code: AskedCode; reasons: unknown }
  | { state: "refused"; problem: ApiProblem }
  /** Perhaps sent: the same again, with the same key, finds out. */
  | { state: "silent" };

/** Nobody twice, and no more than `MOST_PEOPLE`. A name that is known stays. */
export function withRecipient(people: readonly Recipient[], added: Recipient): readonly Recipient[] {
  if (people.length >= MOST_PEOPLE || people.some(({ number }) => number === added.number)) return people;
  return [...people, added];
}

export function outcomeOf(problem: unknown): Outcome {
  if (!(problem instanceof ApiProblem) || problem.status >= 500) return { state: "silent" };
  if (problem.code === "first_contact" || problem.code === "late_reply")
    return { state: "asked", code: problem.code, reasons: problem.body.reasons };
  return { state: "refused", problem };
}

/** Whether it has to be said how they agreed. An answer to who wrote needs no more than that it is one; marketing needs more than our word. */
export function needsSource(chosen: MessageClass | null, codes: readonly AskedCode[]): boolean {
  return chosen === "update" || (chosen === "reply" && codes.includes("first_contact"));
}

/** What was chosen for who is asked about, as the server takes it. */
export function wordFor(
  chosen: MessageClass,
  code: AskedCode,
  source: string,
): Pick<StartIn, "class" | "confirm" | "source"> {
  if (chosen === "marketing") return { class: chosen };
  if (chosen === "update") return { class: chosen, confirm: ["first_contact", "no_consent"], source };
  return { class: chosen, confirm: [code], ...(code === "first_contact" ? { source } : {}) };
}

/** How it went, in a few words beside their name. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.state) {
    case "sent": {
      const { message } = outcome.started;
      const waits = message.type === "message" && message.delivery?.reason === "quiet_hours";
      return waits ? t`waits for the end of their quiet hours` : t`on its way`;
    }
    case "asked":
      return outcome.code === "first_contact" ? t`never wrote` : t`last wrote over a day ago`;
    case "refused":
      return outcome.problem.errors[0]?.detail ?? outcome.problem.detail;
    case "silent":
      return t`no answer from the server yet`;
  }
}
