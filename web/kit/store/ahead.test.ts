import { expect, test } from "vitest";
import type { Client } from "../api/client.ts";
import type { Entry } from "../api/types.ts";
import { Ahead, beside, Desk, Loader } from "./index.ts";

const IDS = ["a", "b", "c", "d", "e"];

test("what comes next on the way is likeliest, then what lies behind", () => {
  expect(beside(IDS, "b", 1)).toEqual(["c", "d", "e", "a"]);
  expect(beside(IDS, "c", -1)).toEqual(["b", "a", "d"]);
  expect(beside(IDS, null, 1)).toEqual(["a", "b", "c"]);
  expect(beside(IDS, "e", 1)).toEqual(["d"]);
  expect(beside(IDS, "elsewhere", 1)).toEqual([]);
});

function setUp() {
  const asked: string[] = [];
  const waiting: ((ok: boolean) => void)[] = [];
  const client = {
    get: (path: string) =>
      new Promise((resolve, reject) => {
        asked.push(path.split("/")[2] ?? "");
        waiting.push((ok) => {
          if (ok) resolve({ data: { data: [], next_cursor: null, newer_cursor: null }, seq: 3 });
          else reject(new Error("unreachable"));
        });
      }),
  } as unknown as Client;
  const desk = new Desk();
  const loader = new Loader(client, desk);
  const answer = async (ok = true) => {
    waiting.shift()?.(ok);
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { asked, answer, desk, loader, ahead: new Ahead(desk, loader) };
}

test("two are under way at once, and what has not begun is forgotten when somebody moves on", async () => {
  const { asked, answer, ahead } = setUp();
  ahead.want(["a", "b", "c"]);
  expect(asked).toEqual(["a", "b"]);
  ahead.want(["d"]);
  await answer();
  expect(asked).toEqual(["a", "b", "d"]);
  await answer();
  await answer();
  ahead.want(["a", "d"]);
  expect(asked, "what is held is not read again").toEqual(["a", "b", "d"]);
});

test("one that could not be brought is read when it is opened", async () => {
  const { asked, answer, ahead, desk, loader } = setUp();
  ahead.want(["a"]);
  await answer(false);
  expect(desk.thread("a")?.state).toBe("failed");
  expect(desk.openThread("a")).toBe(false);
  const opened = loader.thread("a", "newest");
  expect(desk.thread("a")?.state).toBe("loading");
  await answer();
  await opened;
  expect(desk.thread("a")?.state).toBe("ready");
  expect(desk.openThread("a")).toBe(true);
  expect(asked).toEqual(["a", "a"]);
});

test("what is told while a thread is under way is in it", async () => {
  const { answer, ahead, desk } = setUp();
  ahead.want(["a"]);
  const entry = { id: "msg_1", conversation_id: "a", at: "2026-11-24T09:00:00Z", type: "message" } as Entry;
  desk.putEntry(entry, 4);
  await answer();
  expect(desk.thread("a")?.entries).toEqual([entry]);
});
