import { i18n } from "@lingui/core";
import type { DeliveryError, EventEntry } from "@partyline/kit/api";
import { beforeAll, describe, expect, it } from "vitest";
import { eventIcon } from "./eventIcons.ts";
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

const say = (name: string, data: Record<string, unknown>, me?: string) => eventSentence(event(name, data), me);

beforeAll(() => i18n.loadAndActivate({ locale: "en", messages: {} }));

describe("a failed message", () => {
  it("can't be sent again to a number that takes none, nor unchanged when it is itself at fault", () => {
    expect(failureReason(error("landline"))).toMatchObject({ retry: false, edit: false });
    expect(failureReason(error("too_long"))).toMatchObject({ retry: false, edit: true });
    expect(failureReason(error("unreachable"))).toMatchObject({ retry: true, edit: true });
  });
  it("is better changed than tried again where its words are at fault", () => {
    expect(failureReason(error("filtered"))).toMatchObject({ retry: true, edit: true, editFirst: true });
    expect(failureReason(error("unreachable")).editFirst).toBe(false);
  });
  it("may go from another number where ours was at fault, and never to who blocks us or where carriers hold it back", () => {
    expect(failureReason(error("unroutable")).sender).toBe("number");
    expect(failureReason(error("sender_unregistered")).sender).toBe("number");
    expect(failureReason(error("credentials_refused")).sender).toBe("account");
    for (const code of ["blocked", "filtered", "opted_out", "landline", "unreachable", "too_long", ""])
      expect(failureReason(error(code)).sender).toBe(null);
  });
  it("says what the server says, and has words of its own where that is silent", () => {
    expect(failureReason(error("filtered", "Held back as spam.")).reason).toBe("Held back as spam.");
    expect(failureReason(error("anything else")).reason).not.toBe("");
    expect(failureReason(null).reason).not.toBe("");
  });
});

describe("an event", () => {
  const tom = { id: "user_tom", name: "Tom" };
  const known: [string, Record<string, unknown>, string][] = [
    ["conversation.created", {}, "The conversation began"],
    ["conversation.assigned", { assignees: [{ id: "user_ana", name: "Ana" }] }, "Ana took it"],
    ["conversation.assigned", { assignees: [] }, "Ana left it without an owner"],
    [
      "conversation.assigned",
      { assignees: [tom, { id: "user_p", name: "Priya" }] },
      "Ana assigned it to Tom and Priya",
    ],
    [
      "conversation.assigned",
      { assignees: [{ id: "user_x", name: null }] },
      "Ana assigned it to somebody who has left",
    ],
    ["conversation.updated", { team: { id: "team_w", name: "West" } }, "Ana moved it to West"],
    ["conversation.updated", { team: { id: "team_w", name: null } }, "Ana moved it to a team that is gone"],
    ["conversation.updated", { team: null }, "Ana took it out of its team"],
    ["conversation.updated", { status: "spam" }, "Ana marked it as spam"],
    ["conversation.updated", { status: "trash" }, "Ana put it in the trash"],
    ["conversation.updated", {}, "Ana changed it"],
    ["conversation.closed", {}, "Ana closed it"],
    ["conversation.reopened", { reason: "inbound" }, "Opened again by their message"],
    ["conversation.reopened", { reason: "due" }, "Opened again: its time has come"],
    ["conversation.reopened", { reason: "failed" }, "Opened again because a message did not arrive"],
    ["conversation.reopened", { reason: "unknown" }, "Opened again because nobody knows whether a message left"],
    ["conversation.reopened", { reason: "person" }, "Ana opened it again"],
    ["conversation.snoozed", { until: null }, "Ana set it aside until they write"],
    [
      "consent.changed",
      { state: "revoked", source: "keyword" },
      "They texted STOP. Nothing more is sent to this number",
    ],
    ["consent.changed", { state: "implied", source: "keyword" }, "They texted START. They can be texted again"],
    ["consent.changed", { state: "implied", source: "inbound" }, "They wrote, so they can be answered"],
    ["consent.changed", { state: "express", source: "person" }, "Ana recorded that they agreed to texts"],
    [
      "consent.changed",
      { state: "express", source: "person", evidence: "Asked us by phone" },
      "Ana recorded that they agreed to texts: “Asked us by phone”",
    ],
    ["consent.changed", { state: "express", source: "form" }, "They agreed to texts in a form"],
    ["consent.changed", { state: "written", source: "import" }, "Their consent came with an imported list"],
    ["rule.ran", {}, "Ana changed something here"],
  ];
  it.each(known)("%s %j", (name, data, sentence) => {
    expect(say(name, data)).toBe(sentence);
  });

  it("says until when it is set aside", () => {
    expect(say("conversation.snoozed", { until: "2026-11-25T09:00:00Z" })).toMatch(/^Ana set it aside until .*2026/);
  });

  it("says 'you' to who did it, and to whom it was given", () => {
    for (const [name, data, sentence] of known) {
      if (sentence.startsWith("Ana ")) expect(say(name, data, "user_ana")).toMatch(/^You /);
    }
    expect(say("conversation.assigned", { assignees: [tom] }, "user_tom")).toBe("Ana assigned it to you");
  });

  it("has a sentence and an icon whatever the data", () => {
    for (const data of [{}, { assignees: 7, team: 7, state: 1, until: "soon" }, { assignees: [null, {}, "x"] }]) {
      for (const [name] of known) {
        expect(say(name, data)).not.toBe("");
        expect(eventIcon({ event: name, data })).toBeTruthy();
      }
    }
  });

  it("has an icon of its own, apart from what the app does not know", () => {
    const plain = eventIcon({ event: "rule.ran", data: {} });
    for (const [name, data, sentence] of known) {
      if (!/changed (it|something here)$/.test(sentence)) expect(eventIcon({ event: name, data })).not.toBe(plain);
    }
  });
});
