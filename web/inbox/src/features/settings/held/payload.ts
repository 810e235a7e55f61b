import type { HeldPayload } from "@partyline/kit/api";

const FORM = "application/x-www-form-urlencoded";

/** A line of what was sent: the name of a field and what it says; a line without a name is as it came. */
export type PayloadLine = { name: string | null; value: string };

/** What a provider sent, to be read: a form field by field, in its order; anything else as it came. */
export function payloadLines({ query, content_type, text }: HeldPayload): PayloadLine[] {
  const source = text === "" ? query : content_type === FORM ? text : null;
  if (source !== null) {
    return [...new URLSearchParams(source)].map(([name, value]) => ({ name, value }));
  }
  return text.split("\n").map((value) => ({ name: null, value }));
}
