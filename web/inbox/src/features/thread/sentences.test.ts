import { i18n } from "@lingui/core";
import type { DeliveryError, EventEntry } from "@partyline/kit/api";
import { beforeAll, describe, expect, it } from "vitest";
import { eventSentence, failureReason } from "./sentences.ts";

const error = (code: string, detail: string | null = null): DeliveryError => ({ code, provider_code: null, detail });
const event = (name: string, data: Record<string, unknown>): EventEntry => ({
  id: "evt_1",
  type: "event",
  conversation_id: "conv_1",
  at: "",
  author: { kind: "user", id: "user_ana", name: "Ana" },
  event: name,
  data,
});

beforeAll(() => i18n.loadAndActivate({ locale: "en", messages: {} }));

describe("a failed message", () => {
  it("can't be sent again to a number that takes none, nor unchanged when it is itself at fault", () => {
    expect(failureReason(error("landline"))).toMatchObject({ retry: false, edit: false });
    expect(failureReason(error("too_long"))).toMatchObject({ retry: false, edit: true });
    expect(failureReason(error("unreachable"))).toMatchObject({ retry: true, edit: true });
  });
  it("says what the server says, and has words of its own where that is silent", () => {
    expect(failureReason(error("filtered", "Held back as spam.")).reason).toBe("Held back as spam.");
    expect(failureReason(error("anything else")).reason).not.toBe("");
    expect(failureReason(null).reason).not.toBe("");
  });
});

describe("an event", () => {
  it("tells one's own doing from a colleague's", () => {
    const assigned = event("conversation.assigned", { assignees: [{ id: "user_ana", name: "Ana" }] });
    expect(eventSentence(assigned, "user_ana")).not.toBe(eventSentence(assigned, "user_tom"));
  });
  it("has a sentence for what it does not know, whatever the data", () => {
    for (const data of [{}, { assignees: 7, team: null, state: 1 }]) {
      for (const name of ["conversation.assigned", "conversation.moved", "consent.changed", "rule.ran"]) {
        expect(eventSentence(event(name, data), undefined)).not.toBe("");
      }
    }
  });
});
