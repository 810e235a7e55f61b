import type { Channel, Connection } from "@partyline/kit/api";
import { describe, expect, it } from "vitest";
import { outageOf } from "./outage.ts";

const channel = { connection_id: "conn_1", provider: "twilio" } as Channel;
const connection = (breaker: "closed" | "open" | "half_open", reason: string | null = null) =>
  ({
    id: "conn_1",
    health: { state: "unreachable", breaker, since: "2026-11-24T14:02:00Z", retry_at: null, reason },
  }) as Connection;

describe("an outage", () => {
  it("is told while texts wait, also while one of them tries", () => {
    const since = new Date("2026-11-24T14:02:00Z");
    expect(outageOf(channel, [connection("open")])).toEqual({ title: "Twilio", refused: false, since });
    expect(outageOf(channel, [connection("half_open")])).toEqual({ title: "Twilio", refused: false, since });
  });

  it("says when it is the account that is refused, and not the provider that is away", () => {
    expect(outageOf(channel, [connection("open", "credentials_refused")])?.refused).toBe(true);
    expect(outageOf(channel, [connection("open", "provider_busy")])?.refused).toBe(false);
  });

  it("is nobody's business while they leave", () => {
    expect(outageOf(channel, [connection("closed")])).toBeNull();
    expect(outageOf(channel, [])).toBeNull();
    expect(outageOf(undefined, [connection("open")])).toBeNull();
  });
});
