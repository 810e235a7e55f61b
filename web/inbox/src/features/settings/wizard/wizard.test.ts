import type { Channel, Connection, Verification, VerifiedNumber } from "@partyline/kit/api";
import { describe, expect, it } from "vitest";
import {
  advance,
  fateOf,
  FRESH,
  furthest,
  knownAccount,
  reachable,
  restored,
  usable,
  written,
  type Action,
  type Draft,
} from "./wizard.ts";

const number = (address: string, more: Partial<VerifiedNumber> = {}): VerifiedNumber => ({
  address,
  name: `Line ${address}`,
  provider_id: "PN1",
  can: ["sms"],
  webhook: null,
  caution: null,
  channel_id: null,
  ...more,
});
const found = (numbers: VerifiedNumber[], account = "AC1"): Verification => ({
  account: { id: account, name: "Harbor", status: "active", detail: null },
  numbers,
  more_numbers: false,
  webhooks: { mode: "webhooks", reason: null },
});
const after = (...actions: Action[]): Draft => actions.reduce(advance, FRESH);
const verified = (numbers: VerifiedNumber[], account?: string): Action => ({
  do: "verified",
  found: found(numbers, account),
  fields: { account_sid: "AC1" },
  apiBaseUrl: "",
  team: "team_west",
});
const CHOSEN: Action[] = [
  { do: "kind", kind: "sms" },
  { do: "provider", provider: "twilio" },
];
const channel = (address: string, connection: string) =>
  ({ id: `chan_${address}`, address, connection_id: connection }) as Channel;

describe("the wizard", () => {
  it("goes as far as what is known", () => {
    expect(furthest(FRESH)).toBe("kind");
    expect(furthest(after(...CHOSEN))).toBe("connect");
    const chosen = after(...CHOSEN, verified([number("+1"), number("+2")]));
    expect(furthest(chosen)).toBe("numbers");
    expect(furthest(advance(chosen, { do: "failed", addresses: ["+1"], reason: "busy" }))).toBe("route");
    expect(furthest(advance(chosen, { do: "connected", address: "+1", channel: "chan_1" }))).toBe("test");
    expect([reachable(chosen, "kind"), reachable(chosen, "numbers"), reachable(chosen, "route")]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("forgets what hung on another provider, and nothing when the same is chosen again", () => {
    const draft = after(...CHOSEN, verified([number("+1")]));
    expect(advance(draft, { do: "provider", provider: "twilio" })).toBe(draft);
    expect(advance(draft, { do: "provider", provider: "dialpad" })).toEqual({
      ...FRESH,
      kind: "sms",
      provider: "dialpad",
    });
  });

  it("chooses the only number by itself, and none of several", () => {
    expect(after(...CHOSEN, verified([number("+1"), number("+2", { channel_id: "chan_2" })])).plans).toEqual({
      "+1": { name: "Line +1", team: "team_west" },
    });
    expect(after(...CHOSEN, verified([number("+1"), number("+2")])).plans).toEqual({});
  });

  it("keeps the choice when the same account is checked again, as far as it is still free", () => {
    const draft = after(
      ...CHOSEN,
      verified([number("+1"), number("+2")]),
      { do: "choose", address: "+1", chosen: true, team: null },
      { do: "choose", address: "+2", chosen: true, team: null },
    );
    const again = advance(draft, verified([number("+1"), number("+2", { channel_id: "chan_2" }), number("+3")]));
    expect(Object.keys(again.plans)).toEqual(["+1"]);
    expect(advance(draft, verified([number("+1"), number("+9")], "AC2")).plans).toEqual({});
  });

  it("takes a number off and puts it on", () => {
    const on = after(...CHOSEN, verified([number("+1", { name: "" }), number("+2")]), {
      do: "choose",
      address: "+1",
      chosen: true,
      team: "team_west",
    });
    expect(on.plans).toEqual({ "+1": { name: "+1", team: "team_west" } });
    expect(advance(on, { do: "plan", address: "+1", change: { team: "team_east" } }).plans["+1"]).toEqual({
      name: "+1",
      team: "team_east",
    });
    expect(advance(on, { do: "plan", address: "+2", change: { team: "team_east" } })).toBe(on);
    expect(advance(on, { do: "choose", address: "+1", chosen: false, team: null }).plans).toEqual({});
  });

  it("after a reload knows what was connected, and lets the rest be tried again", () => {
    const draft = after(
      ...CHOSEN,
      verified([number("+1"), number("+2"), number("+3")]),
      { do: "account", connection: "conn_1" },
      { do: "connecting", addresses: ["+1", "+2"] },
      { do: "failed", addresses: ["+3"], reason: "busy" },
    );
    const settled = advance(restored(written(draft)), {
      do: "settle",
      channels: [channel("+1", "conn_1"), channel("+2", "conn_other")],
    });
    expect(settled.outcomes).toEqual({
      "+1": { state: "connected", channel: "chan_+1" },
      "+2": { state: "failed", reason: null },
      "+3": { state: "failed", reason: "busy" },
    });
  });

  it("begins anew from a draft that it can't read", () => {
    for (const text of [null, "", "{", "[]", "null", '{"shape":0,"draft":{"kind":"sms"}}', '{"shape":1}'])
      expect(restored(text)).toEqual(FRESH);
  });
});

describe("a number", () => {
  it("can be chosen when it is not here and carries the kind", () => {
    expect(usable(number("+1"), "sms")).toBe("free");
    expect(usable(number("+1", { can: ["voice"] }), "sms")).toBe("unable");
    expect(usable(number("+1", { channel_id: "chan_1" }), "sms")).toBe("here");
  });

  it("has its webhook set, replaced or left alone", () => {
    const ours = "https://inbox.example/hooks/";
    const fates = [null, "", "https://zap.example/1", `${ours}twilio/conn_1/message`].map((webhook) =>
      fateOf(number("+1", { webhook }), "webhooks", ours),
    );
    expect(fates).toEqual(["set", "set", "replaced", "ours"]);
    expect(fateOf(number("+1", { webhook: "https://zap.example/1" }), "polling", ours)).toBe("kept");
  });
});

describe("an account", () => {
  const connection = { id: "conn_1", provider: "twilio", account_id: "AC1", api_base_url: null } as Connection;

  it("is known by its id at the same provider and the same API address", () => {
    const draft = after(...CHOSEN, verified([number("+1")]));
    expect(knownAccount([connection], draft)).toBe(connection);
    expect(knownAccount([{ ...connection, account_id: "AC2" }], draft)).toBeUndefined();
    expect(knownAccount([{ ...connection, account_id: null }], draft)).toBeUndefined();
    const elsewhere = { ...connection, api_base_url: "http://127.0.0.1:9/" };
    expect(knownAccount([elsewhere], draft)).toBeUndefined();
    expect(knownAccount([elsewhere], { ...draft, apiBaseUrl: "http://127.0.0.1:9" })).toBe(elsewhere);
    expect(knownAccount([elsewhere], { ...draft, connection: "conn_1" })).toBe(elsewhere);
  });
});
