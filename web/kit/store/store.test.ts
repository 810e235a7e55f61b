import { array, assert, boolean, constantFrom, nat, property, record, shuffledSubarray } from "fast-check";
import { describe, expect, it } from "vitest";
import type { Conversation, Entry, Frame, LogEvent, Me } from "../api/types.ts";
import { compare, Desk, type ListQuery } from "./index.ts";

const ME = "user_me";
const OTHER = "user_other";
const START = Date.UTC(2026, 10, 24, 9);

function conversation(id: string, more: Partial<Conversation> = {}): Conversation {
  const at = new Date(START).toISOString();
  return {
    id,
    subject: null,
    status: "open",
    snoozed_until: null,
    team_id: null,
    assignee_ids: [],
    assignees: [],
    label_ids: [],
    priority: "none",
    contact: { id: `cont_${id}`, name: id, address: "+14155550100" },
    channel_ids: [],
    channels: [],
    preview: "",
    participants: [],
    merged_into: null,
    unread: true,
    waiting_since: at,
    last_activity_at: at,
    created_at: at,
    last_message: null,
    seen_entry_id: null,
    last_entry_id: null,
    opted_out: false,
    mentioned_at: null,
    following: false,
    muted: false,
    open_tasks: 0,
    ...more,
  };
}

const team = (id: string, name: string) => ({
  id,
  name,
  member_ids: [],
  observer_ids: [],
  closed: false,
  created_at: "",
});

const tally = { total: 0, unread: 0 };
const me: Me = {
  user: {
    id: ME,
    name: "Sam",
    email: "",
    role: "agent",
    active: true,
    created_at: "",
    team_ids: [],
    away_until: null,
    picture_id: null,
  },
  workspace: {
    id: "w",
    name: "W",
    time_zone: "UTC",
    settings: { undo_seconds: 5, assign_on_reply: true, region: "US", stale_owner_days: 7, texts_outside: false },
  },
  settings: { time_zone: null, signature: null, keys: { preset: "default", own: {} } },
  permissions: [],
  counts: {
    unassigned: tally,
    mine: tally,
    all: tally,
    closed: tally,
    snoozed: tally,
    mine_snoozed: tally,
    mentions: tally,
    tasks: { open: 0, overdue: 0 },
    scheduled: 0,
    drafts: { mine: 0, review: 0 },
    following: tally,
    teams: {},
    labels: {},
  },
  seq: 0,
};

/** A server that keeps a log: every change is an event with the conversation as it is then. */
class Server {
  conversations = new Map<string, Conversation>();
  log: LogEvent[] = [];
  change(id: string, patch: Partial<Conversation>): void {
    const seq = this.log.length + 1;
    const at = new Date(START + seq * 1_000).toISOString();
    const next = { ...(this.conversations.get(id) ?? conversation(id)), ...patch, last_activity_at: at };
    this.conversations.set(id, next);
    this.log.push({
      seq,
      id: `evt_${seq}`,
      at,
      actor: { kind: "user", id: OTHER },
      type: "conversation.updated",
      conversation_id: id,
      subject_id: id,
      changed: [],
      data: { conversation: next },
    });
  }
  frame(seq: number): Frame {
    return { after: seq - 1, seq, events: this.log.slice(seq - 1, seq) };
  }
  after(seq: number) {
    return { data: this.log.slice(seq), next_cursor: null, seq: this.log.length };
  }
  list(query: ListQuery): string[] {
    const members = [...this.conversations.values()].filter(
      ({ status, assignee_ids }) =>
        (query.view === "closed" ? status === "closed" : status === "open") &&
        (query.view !== "mine" || assignee_ids.includes(ME)) &&
        (query.view !== "unassigned" || assignee_ids.length === 0),
    );
    return members.sort((a, b) => compare(query.sort, a, b)).map(({ id }) => id);
  }
}

const later = (minute: number) => new Date(START + minute * 60_000).toISOString();

const QUERIES: ListQuery[] = [
  { view: "all", team: null, sort: "newest" },
  { view: "mine", team: null, sort: "waiting" },
  { view: "unassigned", team: null, sort: "newest" },
  { view: "closed", team: null, sort: "newest" },
];

const changes = array(
  record({
    id: nat(5).map((n) => `conv_${n}`),
    patch: record({
      status: constantFrom<"open" | "closed">("open", "closed"),
      assignee_ids: constantFrom<string[]>([], [ME], [OTHER]),
      waiting_since: constantFrom(null, "2026-11-24T08:00:00Z", "2026-11-24T07:00:00Z"),
    }),
  }),
  { minLength: 1, maxLength: 40 },
);

describe("the desk", () => {
  it("ends in the server's state after any order, repetition and loss of frames, once the gap is filled", () => {
    const delivery = changes.chain((list) =>
      record({
        list: constantFrom(list),
        order: shuffledSubarray(list.map((_, at) => at + 1)),
        again: array(nat(list.length - 1)),
        held: boolean(),
        snapshotAt: nat(list.length),
      }),
    );
    assert(
      property(delivery, ({ list, order, again, held, snapshotAt }) => {
        const server = new Server();
        const desk = new Desk();
        desk.signIn(me);
        list.forEach(({ id, patch }, at) => {
          // The pages are read in the middle of it all, and may be newer than the frames applied so far.
          if (at === snapshotAt) {
            for (const query of QUERIES) {
              const data = server.list(query).flatMap((member) => server.conversations.get(member) ?? []);
              desk.putPage(query, { data, next_cursor: null }, server.log.length, true);
              desk.hold(query, held);
            }
          }
          server.change(id, patch);
        });
        for (const seq of [...order, ...again.map((at) => at + 1)]) {
          if (desk.apply(server.frame(seq)) === "gap" && seq % 3 === 0) desk.applyLog(server.after(desk.seq));
        }
        desk.applyLog(server.after(desk.seq));
        if (snapshotAt >= list.length) return;
        expect(desk.seq).toBe(server.log.length);
        for (const query of QUERIES) {
          desk.hold(query, false);
          const shown = desk.list(query)?.ids ?? [];
          expect(shown).toEqual(server.list(query));
          for (const id of shown) expect(desk.conversation(id)).toEqual(server.conversations.get(id));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("changes many at once, tells each listener once, and keeps what the log says of it", () => {
    const desk = new Desk();
    desk.signIn(me);
    const query = QUERIES[0] as ListQuery;
    const many = Array.from({ length: 1_000 }, (_, at) => conversation(`conv_${at}`));
    desk.putPage(query, { data: many, next_cursor: null }, 1, true);
    let told = 0;
    desk.topics.subscribe("list:/all/newest", () => {
      told += 1;
    });
    const drop = desk.overlayMany(new Map(many.slice(1).map(({ id }) => [id, { status: "closed" as const }])));
    expect(desk.list(query)?.ids).toEqual(["conv_0"]);
    drop();
    expect(desk.list(query)?.ids).toHaveLength(1_000);
    expect(told).toBe(2);
    const bulk = {
      id: "bulk_1",
      state: "done" as const,
      total: 999,
      done: 998,
      refused: 1,
      created_by: ME,
      created_at: later(0),
      ended_at: later(0),
    };
    const event: LogEvent = {
      seq: 1,
      id: "evt_1",
      at: later(0),
      actor: { kind: "system", id: null },
      type: "bulk.ended",
      conversation_id: null,
      subject_id: bulk.id,
      changed: [],
      data: bulk,
    };
    desk.apply({ after: 0, seq: 1, events: [event] });
    expect(desk.bulk("bulk_1")).toEqual(bulk);
  });

  it("says gap and changes nothing when a frame is missing", () => {
    const server = new Server();
    server.change("conv_1", {});
    server.change("conv_2", {});
    const desk = new Desk();
    desk.signIn(me);
    expect(desk.apply(server.frame(2))).toBe("gap");
    expect(desk.conversation("conv_2")).toBeUndefined();
    desk.applyLog(server.after(0));
    expect(desk.apply(server.frame(2))).toBe("applied");
    expect(desk.seq).toBe(2);
  });

  it("never replaces a thing by an older state of itself", () => {
    const desk = new Desk();
    desk.signIn(me);
    desk.putConversation(conversation("conv_1", { preview: "new" }), 7);
    desk.putConversation(conversation("conv_1", { preview: "old" }), 3);
    expect(desk.conversation("conv_1")?.preview).toBe("new");
  });

  it("takes a row off the list in the same step as the optimistic close, and back when it fails", () => {
    const desk = new Desk();
    desk.signIn(me);
    const query = QUERIES[0] as ListQuery;
    desk.putPage(query, { data: [conversation("conv_2"), conversation("conv_1")], next_cursor: null }, 1, true);
    const drop = desk.overlay("conv_2", { status: "closed" });
    expect(desk.list(query)?.ids).toEqual(["conv_1"]);
    drop();
    expect(desk.list(query)?.ids).toEqual(["conv_2", "conv_1"]);
  });

  it("keeps rows where they are while held, counts what is new, and shows it when asked", () => {
    const desk = new Desk();
    desk.signIn(me);
    const query = QUERIES[0] as ListQuery;
    desk.putPage(query, { data: [conversation("conv_2"), conversation("conv_1")], next_cursor: null }, 1, true);
    desk.hold(query, true);
    desk.putConversation(conversation("conv_3"), 2);
    desk.putConversation(conversation("conv_1", { last_activity_at: "2026-11-24T10:00:00Z" }), 3);
    expect(desk.list(query)).toMatchObject({ ids: ["conv_2", "conv_1"], fresh: 1 });
    desk.reveal(query);
    expect(desk.list(query)).toMatchObject({ ids: ["conv_1", "conv_3", "conv_2"], fresh: 0 });
  });

  it("leaves out what lies beyond the pages that are loaded", () => {
    const desk = new Desk();
    desk.signIn(me);
    const query = QUERIES[0] as ListQuery;
    desk.putPage(query, { data: [conversation("conv_2", { last_activity_at: later(5) })], next_cursor: "c" }, 1, true);
    desk.putConversation(conversation("conv_1", { last_activity_at: later(1) }), 2);
    desk.putConversation(conversation("conv_3", { last_activity_at: later(9) }), 3);
    expect(desk.list(query)?.ids).toEqual(["conv_3", "conv_2"]);
  });

  it("asks for the thread again when an event brings no entry, and patches it when it does", () => {
    const desk = new Desk();
    desk.signIn(me);
    const message: Entry = {
      id: "msg_1",
      type: "message",
      conversation_id: "conv_1",
      at: "2026-11-24T09:00:00Z",
      author: { kind: "contact", id: null, name: "Maya" },
      direction: "inbound",
      channel_id: "chan_1",
      text: "Hi",
      html: null,
      attachments: [],
      delivery: null,
      late: false,
      imported: false,
    };
    desk.putThreadPage("conv_1", { data: [], next_cursor: null, newer_cursor: null }, 0, "newest");
    const event: Omit<LogEvent, "seq" | "type" | "data"> = {
      id: "evt",
      at: "",
      actor: { kind: "contact", id: null },
      conversation_id: "conv_1",
      subject_id: null,
      changed: [],
    };
    desk.apply({
      after: 0,
      seq: 1,
      events: [
        { ...event, seq: 1, type: "message.received", data: { entry: message, conversation: conversation("conv_1") } },
      ],
    });
    expect(desk.thread("conv_1")?.entries).toEqual([message]);
    expect(desk.stale.threads.size).toBe(0);
    desk.apply({
      after: 1,
      seq: 2,
      events: [
        {
          ...event,
          seq: 2,
          type: "conversation.closed",
          data: { conversation: conversation("conv_1", { status: "closed" }) },
        },
      ],
    });
    expect([...desk.stale.threads]).toEqual(["conv_1"]);
    desk.apply({ after: 2, seq: 3, events: [{ ...event, seq: 3, type: "conversation.updated", data: null }] });
    expect([...desk.stale.conversations]).toEqual(["conv_1"]);
  });

  it("takes a conversation off every list when it is hidden from this user", () => {
    const server = new Server();
    server.change("conv_1", { assignee_ids: [ME] });
    server.change("conv_2", {});
    const desk = new Desk();
    desk.signIn(me);
    for (const query of QUERIES) {
      const data = server.list(query).flatMap((id) => server.conversations.get(id) ?? []);
      desk.putPage(query, { data, next_cursor: null }, 2, true);
    }
    desk.putThreadPage("conv_1", { data: [], next_cursor: null, newer_cursor: null }, 2, "newest");
    const hidden: LogEvent = {
      seq: 3,
      id: "evt_3",
      at: "",
      actor: { kind: "system", id: null },
      type: "conversation.hidden",
      conversation_id: "conv_1",
      subject_id: "conv_1",
      changed: [],
      data: null,
    };
    desk.seq = 2;
    expect(desk.apply({ after: 2, seq: 3, events: [hidden] })).toBe("applied");
    expect(QUERIES.flatMap((query) => desk.list(query)?.ids ?? [])).not.toContain("conv_1");
    expect(desk.conversation("conv_1")).toBeUndefined();
    expect(desk.thread("conv_1")).toBeUndefined();
  });

  it("orders small tables by name, whatever order they came in", () => {
    const desk = new Desk();
    desk.setTable("teams", [team("team_1", "West"), team("team_2", "Leasing"), team("team_3", "Team 10")]);
    desk.putRow("teams", team("team_4", "Team 9"));
    expect(desk.table("teams").map(({ name }) => name)).toEqual(["Leasing", "Team 9", "Team 10", "West"]);
  });

  it("tells only those who listen to what changed, once per batch", () => {
    const desk = new Desk();
    desk.signIn(me);
    const told: string[] = [];
    for (const id of ["conv_1", "conv_2"]) desk.topics.subscribe(`conversation:${id}`, () => told.push(id));
    desk.topics.batch(() => {
      desk.putConversation(conversation("conv_1"), 1);
      desk.putConversation(conversation("conv_1"), 2);
    });
    expect(told).toEqual(["conv_1"]);
  });
});
