import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client } from "../api/client.ts";
import { Unreachable } from "../api/problem.ts";
import type { Me } from "../api/types.ts";
import { Desk, Live, Loader, type Surroundings } from "./index.ts";

/** A socket that the test opens, feeds and closes. */
class Socket extends EventTarget {
  readyState = 0;
  sent: string[] = [];
  readonly path: string;
  constructor(path: string) {
    super();
    this.path = path;
  }
  send(text: string) {
    this.sent.push(text);
  }
  close(code = 1006) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }
  frame(frame: unknown) {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }
}

const tally = { total: 0, unread: 0 };
const me: Me = {
  user: {
    id: "user_1",
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
  seq: 10,
};
const event = (seq: number) => ({
  seq,
  id: `evt_${seq}`,
  at: "",
  actor: { kind: "user", id: null },
  type: "team.updated",
  conversation_id: null,
  subject_id: "team_1",
  changed: [],
  data: { id: "team_1", name: `name ${seq}`, member_ids: [], observer_ids: [], closed: false, created_at: "" },
});

function setUp() {
  const sockets: Socket[] = [];
  const asked: string[] = [];
  const answer = { events: [] as ReturnType<typeof event>[], seq: 10, down: false };
  const client = {
    get: async (path: string, options?: { query?: Record<string, unknown> }) => {
      asked.push(`${path}?${new URLSearchParams(options?.query as Record<string, string>)}`);
      if (answer.down) throw new Unreachable(null);
      return { data: { data: answer.events, next_cursor: null, seq: answer.seq }, seq: answer.seq };
    },
  } as unknown as Client;
  const desk = new Desk();
  desk.signIn(me);
  const around: Surroundings = {
    open: (path) => {
      const socket = new Socket(path);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    now: () => Date.now(),
    random: () => 1,
    soon: (work) => work(),
  };
  const live = new Live(desk, new Loader(client, desk), around);
  live.start();
  const last = () => sockets.at(-1) as Socket;
  return { sockets, asked, answer, desk, live, last };
}

describe("the live connection", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("resumes from the last seq that it applied", () => {
    const { desk, live, last } = setUp();
    expect(last().path).toBe("/api/v1/live?after=10");
    last().open();
    last().frame({ after: 10, seq: 12, events: [event(11)] });
    expect(desk.seq).toBe(12);
    last().close();
    vi.advanceTimersByTime(500);
    expect(last().path).toBe("/api/v1/live?after=12");
    live.stop();
  });

  it("fills a gap from the log, and then applies what came meanwhile", async () => {
    const { asked, answer, desk, live, last } = setUp();
    last().open();
    answer.events = [event(11), event(12)];
    answer.seq = 12;
    last().frame({ after: 12, seq: 13, events: [event(13)] });
    expect(desk.seq).toBe(10);
    await vi.waitFor(() => expect(desk.seq).toBe(13));
    expect(asked).toEqual(["/events?after=10&limit=200"]);
    expect(desk.row("teams", "team_1")?.name).toBe("name 13");
    live.stop();
  });

  it("waits longer after each failed try, at most 30 s, and starts over once it is live", () => {
    const { sockets, live, last } = setUp();
    last().open();
    const waits: number[] = [];
    for (let at = 0; at < 9; at += 1) {
      const before = sockets.length;
      last().close();
      const from = Date.now();
      while (sockets.length === before) vi.advanceTimersByTime(100);
      waits.push(Date.now() - from);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(live.state()).toMatchObject({ state: "waiting" });
    last().open();
    expect(live.state()).toEqual({ state: "live", since: null });
    last().close();
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(11);
    live.stop();
  });

  it("connects anew when the log can't be read either", async () => {
    const { answer, desk, live, last, sockets } = setUp();
    last().open();
    answer.down = true;
    last().frame({ after: 12, seq: 13, events: [event(13)] });
    await vi.waitFor(() => expect(live.state().state).toBe("waiting"));
    expect(desk.seq).toBe(10);
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(2);
    live.stop();
  });

  it("resumes after the server has let go of a slow tab, and asks for no session then", () => {
    const { asked, live, last, sockets } = setUp();
    last().open();
    last().frame({ after: 10, seq: 12, events: [event(11)] });
    last().close(4008);
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(2);
    expect(last().path).toBe("/api/v1/live?after=12");
    expect(asked).toEqual([]);
    live.stop();
  });

  it("asks whether the session stands when it is told so, and when it is not let in", () => {
    const { asked, live, last } = setUp();
    last().open();
    last().close(4001);
    expect(asked).toHaveLength(1);
    vi.advanceTimersByTime(500);
    last().close();
    expect(asked.map((path) => path.split("?")[0])).toEqual(["/me", "/me"]);
    live.stop();
  });

  it("forgets who was there when it connects anew", () => {
    const { desk, live, last } = setUp();
    last().open();
    const viewers = [{ id: "user_2", name: "Ana" }];
    last().frame({ presence: { conversation_id: "conv_1", viewers, typing: [] } });
    expect(desk.presence("conv_1").viewers).toEqual(viewers);
    last().close();
    vi.advanceTimersByTime(500);
    last().open();
    expect(desk.presence("conv_1").viewers).toEqual([]);
    live.stop();
  });

  it("says again every 4 s which conversation is on screen, and at most every 3 s that somebody types", () => {
    const { live, last } = setUp();
    last().open();
    live.view("conv_1");
    vi.advanceTimersByTime(8_000);
    live.typing("conv_1");
    live.typing("conv_1");
    vi.advanceTimersByTime(3_000);
    live.typing("conv_1");
    const sent = last().sent.map((text) => JSON.parse(text) as Record<string, string>);
    expect(sent.filter((frame) => frame.view === "conv_1")).toHaveLength(3);
    expect(sent.filter((frame) => frame.typing === "conv_1")).toHaveLength(2);
    live.stop();
  });

  it("ignores what is not a frame", () => {
    const { desk, live, last } = setUp();
    last().open();
    for (const text of ["", "nonsense", "null", "[]", "7", '{"other":1}'])
      last().dispatchEvent(new MessageEvent("message", { data: text }));
    expect(desk.seq).toBe(10);
    live.stop();
  });
});
