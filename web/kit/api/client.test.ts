import { describe, expect, it } from "vitest";
import { ApiProblem, createClient, Unreachable } from "./index.ts";

function setUp(status: number, body: unknown, headers: Record<string, string> = {}) {
  const calls: { url: string; init: RequestInit }[] = [];
  const client = createClient(async (url, init) => {
    calls.push({ url, init });
    return new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
  });
  const headerOf = (name: string) => new Headers(calls[0]?.init.headers).get(name);
  return { client, calls, headerOf };
}

describe("the API client", () => {
  it("reads a list with the seq it was read in, and leaves out empty parameters", async () => {
    const { client, calls, headerOf } = setUp(200, { data: [] }, { "Partyline-Seq": "41" });
    expect(await client.get("/conversations", { query: { view: "all", cursor: null, team: undefined } })).toEqual({
      data: { data: [] },
      seq: 41,
    });
    expect(calls[0]?.url).toBe("/api/v1/conversations?view=all");
    expect(headerOf("X-Partyline-CSRF")).toBeNull();
  });

  it("guards unsafe requests against forgery and repetition", async () => {
    const { client, headerOf } = setUp(201, {});
    await client.post("/teams", { name: "West" }, { idempotencyKey: "k" });
    expect([headerOf("X-Partyline-CSRF"), headerOf("Idempotency-Key"), headerOf("Content-Type")]).toEqual([
      "1",
      "k",
      "application/json",
    ]);
  });

  it("says what keeps the server from saving, and when it is over", async () => {
    const full = setUp(503, { code: "storage_full", detail: "The disk is full." });
    const told: string[] = [];
    const stop = full.client.onTrouble((trouble) => told.push(trouble));
    await expect(full.client.post("/teams", {})).rejects.toBeInstanceOf(ApiProblem);
    stop();
    await expect(full.client.post("/teams", {})).rejects.toBeInstanceOf(ApiProblem);
    expect(told).toEqual(["storage_full"]);
    expect(await full.client.trouble()).toBe("storage_full");
    expect(full.calls.at(-1)?.url).toBe("/readyz");
    expect(await setUp(200, { status: "ready" }).client.trouble()).toBeNull();
    const busy = setUp(503, { code: "busy" });
    busy.client.onTrouble((trouble) => told.push(trouble));
    await expect(busy.client.get("/me")).rejects.toBeInstanceOf(ApiProblem);
    expect(told).toHaveLength(1);
  });

  it("rejects with the problem that the server describes", async () => {
    const { client } = setUp(
      409,
      { title: "Not sent", code: "stale_reply", detail: "Ana replied.", entries: [1] },
      { "Retry-After": "7" },
    );
    const problem = await client.post("/x").catch((thrown: unknown) => thrown);
    expect(problem).toBeInstanceOf(ApiProblem);
    expect(problem).toMatchObject({
      status: 409,
      code: "stale_reply",
      detail: "Ana replied.",
      retryAfter: 7,
      body: { entries: [1] },
    });
  });

  it("makes a problem of an answer that is no JSON, and tells an unreachable server apart", async () => {
    const odd = createClient(async () => new Response("<html>", { status: 502 }));
    await expect(odd.get("/x")).rejects.toMatchObject({ status: 502, code: "http_502" });
    const gone = createClient(async () => {
      throw new TypeError("failed to fetch");
    });
    await expect(gone.get("/x")).rejects.toBeInstanceOf(Unreachable);
  });

  it("tells when the session is gone, but not when a password is wrong", async () => {
    const { client } = setUp(401, { code: "unauthenticated" });
    let told = 0;
    client.onSignedOut(() => (told += 1));
    await client.post("/session").catch(() => undefined);
    await client.get("/me").catch(() => undefined);
    expect(told).toBe(1);
  });
});
