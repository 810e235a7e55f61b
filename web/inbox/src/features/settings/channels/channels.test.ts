import type { ProviderField } from "@partyline/kit/api";
import { describe, expect, it } from "vitest";
import { checkFields, entered, masked, withoutSecrets } from "./credentials.ts";
import { healthOf } from "./health.ts";

const field = (name: string, more: Partial<ProviderField> = {}): ProviderField => ({
  name,
  label: name,
  help: "",
  secret: false,
  required: true,
  placeholder: "",
  pattern: null,
  ...more,
});
const FIELDS = [
  field("sid", { pattern: "^AC[0-9a-f]{4}$" }),
  field("token", { secret: true }),
  field("key", { required: false, pattern: "SK\\d" }),
];

describe("credentials", () => {
  it("must be there and look right; spaces around them don't matter", () => {
    expect(checkFields(FIELDS, { sid: " AC00ff ", token: "t" })).toEqual({});
    expect(checkFields(FIELDS, { sid: "AC00ff", token: "  " })).toEqual({ token: "required" });
    expect(checkFields(FIELDS, { sid: "AC00ff0", token: "t", key: "xSK1" })).toEqual({
      sid: "malformed",
      key: "malformed",
    });
  });

  it("are left to the server where the pattern can't be read here", () => {
    expect(checkFields([field("sid", { pattern: "(" })], { sid: "x" })).toEqual({});
  });

  it("are sent without what was left empty, and kept without secrets", () => {
    const values = { sid: " AC00ff", token: "secret", key: "", other: "not of the form" };
    expect(entered(FIELDS, values)).toEqual({ sid: "AC00ff", token: "secret" });
    expect(withoutSecrets(FIELDS, values)).toEqual({ sid: "AC00ff" });
  });
});

describe("an account's id", () => {
  it("is shown by its ends", () => {
    expect(masked("AC4f00000000000000000000000000009e1b")).toBe("AC4f••••••••9e1b");
    expect(masked("short")).toBe("short");
  });
});

describe("a channel's health", () => {
  const closed = { state: "connected", breaker: "closed", since: null, retry_at: null, reason: null } as const;
  const connected = { status: "connected", health: closed } as const;

  it("is its account's first, then its own", () => {
    expect(healthOf(connected, connected)).toEqual({ tone: "ok", code: "connected" });
    expect(healthOf(connected, undefined)).toEqual({ tone: "ok", code: "connected" });
    expect(healthOf({ status: "webhook_not_set" }, { status: "refused", health: closed })).toEqual({
      tone: "danger",
      code: "refused",
    });
    expect(healthOf({ status: "webhook_not_set" }, connected)).toEqual({ tone: "warn", code: "webhook_not_set" });
    expect(healthOf({ status: "webhook_elsewhere" }, connected)).toEqual({ tone: "warn", code: "webhook_elsewhere" });
    expect(healthOf({ status: "something new" }, connected)).toEqual({ tone: "warn", code: "other" });
    expect(healthOf(connected, { status: "unreachable", health: closed })).toEqual({
      tone: "warn",
      code: "unreachable",
    });
    const open = { ...closed, breaker: "open" } as const;
    expect(healthOf(connected, { status: "unreachable", health: open })).toEqual({ tone: "warn", code: "waiting" });
  });
});
