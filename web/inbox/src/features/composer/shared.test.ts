import type { Attachment, Draft as Shared } from "@partyline/kit/api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { baseOf, bothFiles, joined, reconcile, type Local } from "./shared.ts";

const ME = "user_1";
const CHANNEL = "chan_1";
const local = (text: string, rest: Partial<Local> = {}): Local => ({
  text,
  uploads: [],
  mode: "reply",
  canned: null,
  tried: null,
  base: null,
  ...rest,
});
const server = (text: string, version: number, rest: Partial<Shared> = {}): Shared => ({
  id: "draft_1",
  conversation_id: "conv_1",
  channel_id: CHANNEL,
  holder: { id: ME, name: "Ana" },
  free: false,
  text,
  attachments: [],
  canned_response_id: null,
  version,
  review: null,
  created_at: "2026-12-01T08:00:00Z",
  updated_at: "2026-12-01T08:00:00Z",
  ...rest,
});
const bens = { holder: { id: "user_2", name: "Ben" } };
const step = (mine: Local, there?: Shared, sent: string | null = null) =>
  reconcile(mine, there, { channel: CHANNEL, me: ME, sent });
const on = (there: Shared) => ({ base: baseOf(there) });
const file = (id: string) => ({ id, name: id }) as Attachment;
const uploaded = (id: string) => ({
  key: id,
  name: id,
  size: 1,
  preview: null,
  state: "ready" as const,
  attachment: file(id),
});

describe("my text and the team's draft", () => {
  it("are the same where both know the same", () => {
    expect(step(local(""))).toEqual({ do: "nothing" });
    expect(step(local("At six", on(server("At six", 7))), server("At six", 7))).toEqual({ do: "nothing" });
  });

  it("begin with the first key, and go on from the version that is known", () => {
    expect(step(local("A"))).toEqual({ do: "write", version: null });
    expect(step(local("At", on(server("A", 7))), server("A", 7))).toEqual({ do: "write", version: 7 });
    expect(step(local("", on(server("A", 7))), server("A", 7))).toEqual({ do: "discard", version: 7 });
  });

  it("come back after a crash, from whichever side has them", () => {
    const there = server("At six", 7);
    expect(step(local(""), there)).toEqual({ do: "adopt", draft: there });
    expect(step(local("At six o'clock", on(there)), there)).toEqual({ do: "write", version: 7 });
  });

  it("follow another browser of mine as long as nothing was typed here", () => {
    const before = server("At six", 7);
    const after = server("At six sharp", 8);
    expect(step(local("At six", on(before)), after)).toEqual({ do: "adopt", draft: after });
    expect(step(local("At seven", on(before)), after)).toEqual({ do: "ask", draft: after });
    expect(step(local("At seven"), after)).toEqual({ do: "ask", draft: after });
  });

  it("know an own write whose answer did not come", () => {
    const before = server("At", 7);
    const written = server("At six", 8);
    expect(step(local("At six sharp", on(before)), written, "At six")).toEqual({ do: "settle", draft: written });
    expect(step(local("At six", on(before)), written)).toEqual({ do: "settle", draft: written });
    // a copy older than what was answered says nothing
    expect(step(local("At six", on(written)), before)).toEqual({ do: "nothing" });
  });

  it("part when somebody takes it over, and what they don't have stays here", () => {
    const before = server("At six", 7);
    const taken = server("At six", 8, bens);
    expect(step(local("At six", on(before)), taken)).toEqual({ do: "clear" });
    expect(step(local("At six sharp", on(before)), taken)).toEqual({ do: "settle", draft: null });
    expect(step(local("At six sharp"), taken)).toEqual({ do: "nothing" });
  });

  it("end when it was sent or discarded elsewhere, but not what was typed since", () => {
    const before = server("At six", 7);
    expect(step(local("At six", on(before)))).toEqual({ do: "clear" });
    expect(step(local("At six, and bring a key", on(before)))).toEqual({ do: "settle", draft: null });
  });

  it("move to the channel that the reply takes", () => {
    const before = server("At six", 7, { channel_id: "chan_2" });
    expect(step(local("At six", on(before)))).toEqual({ do: "move", channel: "chan_2", version: 7 });
    expect(step(local("", on(before)))).toEqual({ do: "settle", draft: null });
  });

  it("leave notes alone, and a reply that waits for its answer", () => {
    const there = server("At six", 7);
    expect(step(local("only for us", { mode: "note", ...on(there) }), there)).toEqual({ do: "nothing" });
    const tried = { key: "k", body: { text: "At six" } as never };
    expect(step(local("At six ", { tried, ...on(there) }))).toEqual({ do: "nothing" });
  });

  it("keep their files over a reload, which this browser does not", () => {
    const there = server("Look", 7, { attachments: [file("file_1")] });
    const reloaded = { base: { ...baseOf(there), files: null } };
    expect(step(local("Look", reloaded), there)).toEqual({ do: "adopt", draft: there });
    expect(step(local("Look", { uploads: [uploaded("file_1")], ...on(there) }), there)).toEqual({ do: "nothing" });
    expect(step(local("Look", { ...on(there) }), there)).toEqual({ do: "write", version: 7 });
    expect(bothFiles([file("a")], [file("b"), file("a")]).map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("lose no text in any step: what leaves the box is at the server, and what the server loses is in the box", () => {
    const text = fc.constantFrom("", "a", "b", "a b");
    const there = fc.option(
      fc.record({ text: fc.constantFrom("a", "b", "a b"), version: fc.integer({ min: 1, max: 3 }), ben: fc.boolean() }),
      { nil: undefined },
    );
    const known = fc.option(fc.record({ text, version: fc.integer({ min: 1, max: 3 }) }), { nil: null });
    fc.assert(
      fc.property(text, known, there, (mine, base, found) => {
        const draft = found && server(found.text, found.version, found.ben ? bens : {});
        const here = local(mine, { base: base && baseOf(server(base.text, base.version)) });
        const next = step(here, draft);
        // what is here only is not cleared, nor written over
        const onlyHere = mine !== "" && mine !== base?.text && mine !== draft?.text;
        if (onlyHere) expect(["write", "settle", "ask", "nothing"]).toContain(next.do);
        // what is there only is not written over
        const unseen = draft && (base === null || base.version < draft.version) && draft.text !== mine;
        if (unseen) expect(["adopt", "ask", "settle", "clear", "nothing"]).toContain(next.do);
        if (draft && draft.holder.id !== ME) expect(["settle", "clear", "nothing"]).toContain(next.do);
      }),
    );
  });

  it("can be put one after the other", () => {
    expect(joined("At six", "At seven")).toBe("At six\n\nAt seven");
    expect(joined("At six", "At six sharp")).toBe("At six sharp");
    expect(joined("At six sharp", "six")).toBe("At six sharp");
    expect(joined("At six", " ")).toBe("At six");
  });
});
