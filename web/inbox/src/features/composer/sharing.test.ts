import { ApiProblem, Unreachable, type Client, type Draft as Shared, type Me } from "@partyline/kit/api";
import { Desk } from "@partyline/kit/store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { draftOf, setDraft } from "./drafts.ts";
import { Sharing } from "./sharing.ts";

const CHANNEL = "chan_1";
let conversation = "";
let made = 0;
let desk: Desk;
let sharing: Sharing;
/** What the server has, and what it was asked. */
let server: Shared | null;
let asked: string[];
let fails: ((method: string) => unknown)[];

const draft = (text: string, version: number, holder = { id: "user_1", name: "Ana" }): Shared => ({
  id: "draft_1",
  conversation_id: conversation,
  channel_id: CHANNEL,
  holder,
  free: false,
  text,
  attachments: [],
  canned_response_id: null,
  version,
  review: null,
  created_at: "2026-12-01T08:00:00Z",
  updated_at: "2026-12-01T08:00:00Z",
});

function refusal(): ApiProblem {
  return new ApiProblem(409, {
    code: server && server.holder.id !== "user_1" ? "draft_held" : "draft_changed",
    draft: server,
  } as never);
}

const client = {
  put: async (_: string, body: { text: string; version: number | null }) => {
    asked.push(`PUT ${body.text}`);
    const failed = fails.shift()?.("PUT");
    if (failed) throw failed;
    if ((server?.version ?? null) !== body.version || (server && server.holder.id !== "user_1")) throw refusal();
    server = draft(body.text, (body.version ?? 99) + 1);
    return server;
  },
  delete: async (_: string, { query }: { query: { version: number } }) => {
    asked.push("DELETE");
    if (server && server.version !== query.version) throw refusal();
    server = null;
  },
} as unknown as Client;

const typed = (text: string) => setDraft(conversation, { text });
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  made += 1;
  conversation = `conv_${made}`;
  desk = new Desk();
  desk.signIn({ user: { id: "user_1" }, seq: 1 } as Me);
  desk.putDrafts(conversation, []);
  server = null;
  asked = [];
  fails = [];
  sharing = new Sharing(client, desk);
  sharing.watch(conversation, CHANNEL);
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a text that is shared", () => {
  it("is written 300 ms after the first key of several, and no more once it is the same", async () => {
    for (const text of ["A", "At", "At six"]) {
      typed(text);
      await pass(90);
    }
    expect(asked).toEqual([]);
    await pass(300);
    expect(asked).toEqual(["PUT At six"]);
    await pass(5_000);
    expect(asked).toHaveLength(1);
    typed("");
    await pass(300);
    expect(asked.at(-1)).toBe("DELETE");
    expect(server).toBeNull();
  });

  it("is written at once when the page is left, and goes on as long as keys come", async () => {
    typed("At six");
    await sharing.flush(conversation);
    expect(server?.text).toBe("At six");
    typed("At six sharp");
    expect(await sharing.settled(conversation, CHANNEL)).toBe(server?.version);
    await pass(1_000);
    expect(asked).toEqual(["PUT At six"]);
  });

  it("is written again until the server has it", async () => {
    fails = [() => new Unreachable(null), () => new ApiProblem(503, { code: "busy" })];
    typed("At six");
    await pass(300);
    expect(server).toBeNull();
    expect(draftOf(conversation).text).toBe("At six");
    await pass(1_000);
    await pass(2_000);
    expect(server?.text).toBe("At six");
    expect(asked).toHaveLength(3);
  });

  it("is known again where only the answer was lost", async () => {
    typed("At six");
    await pass(300);
    fails = [
      () => {
        server = draft("At seven", 101);
        return new Unreachable(null);
      },
    ];
    typed("At seven");
    await pass(300);
    await pass(1_000);
    expect(sharing.step(conversation, CHANNEL)).toEqual({ do: "nothing" });
    expect(draftOf(conversation)).toMatchObject({ text: "At seven", base: { version: 101 } });
  });

  it("is its own where it is refused to be sent, and nobody else has written since", async () => {
    typed("At six");
    await pass(300);
    const lost = () => {
      server = draft("At sev", 101);
      return new Unreachable(null);
    };
    fails = [lost];
    typed("At sev");
    await pass(300);
    setDraft(conversation, { text: "At seven", tried: { body: { text: "At seven" }, key: "k" } as never });
    expect(sharing.wroteIt(conversation, CHANNEL, refusal())).toBe(true);
    expect(draftOf(conversation)).toMatchObject({ text: "At seven", tried: null, base: { version: 101 } });
    server = draft("At noon", 102);
    expect(sharing.wroteIt(conversation, CHANNEL, refusal())).toBe(false);
  });

  it("is not asked for again when the server refuses it, until it is another", async () => {
    fails = [() => new ApiProblem(422, { code: "invalid" })];
    typed("x".repeat(30_000));
    await pass(300);
    await pass(60_000);
    expect(asked).toHaveLength(1);
    typed("short");
    await pass(300);
    expect(server?.text).toBe("short");
  });

  it("stays here where somebody else was first, and theirs is known", async () => {
    server = draft("At five", 7, { id: "user_2", name: "Ben" });
    typed("At six");
    await pass(300);
    expect(desk.drafts(conversation)?.[0]?.text).toBe("At five");
    expect(draftOf(conversation)).toMatchObject({ text: "At six", base: null });
    await pass(60_000);
    expect(asked).toHaveLength(1);
  });

  it("is asked about where two stand against each other, and both can be kept", async () => {
    typed("At six");
    await pass(300);
    server = draft("At six or seven", 120);
    typed("At six sharp");
    await pass(300);
    const step = sharing.step(conversation, CHANNEL);
    expect(step.do).toBe("ask");
    sharing.choose(server, "both");
    await pass(300);
    expect(server.text).toBe("At six or seven\n\nAt six sharp");
    expect(draftOf(conversation).text).toBe(server.text);
  });
});
