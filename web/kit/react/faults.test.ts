import { describe, expect, it } from "vitest";
import { ApiProblem, Unreachable } from "../api/problem.ts";
import { faultsOf, RequestKey } from "./faults.ts";

const WORDS = { unreachable: "no answer", unexpected: "a defect" };
const invalid = (...fields: string[]) =>
  new ApiProblem(422, {
    detail: "Look again.",
    code: "invalid",
    errors: fields.map((field) => ({ field, code: "x", detail: `wrong ${field}` })),
  });

describe("a refusal on a form", () => {
  it("is said at the fields that it names, inner ones too", () => {
    const faults = faultsOf(invalid("name", "credentials.auth_token"), ["name", "auth_token"], WORDS);
    expect(faults).toEqual({ form: null, fields: { name: "wrong name", auth_token: "wrong credentials.auth_token" } });
  });

  it("prefers the field of the whole name, and keeps the first fault of each", () => {
    const faults = faultsOf(invalid("a.name", "name", "name"), ["name", "a.name"], WORDS);
    expect(faults.fields).toEqual({ "a.name": "wrong a.name", name: "wrong name" });
  });

  it("is said of the whole where no field is named, or an unknown one", () => {
    expect(faultsOf(new ApiProblem(422, { detail: "Refused.", code: "last_owner" }), ["name"], WORDS).form).toBe(
      "Refused.",
    );
    expect(faultsOf(invalid("elsewhere"), ["name"], WORDS)).toEqual({ form: "wrong elsewhere", fields: {} });
  });

  it("tells no answer from a defect", () => {
    expect(faultsOf(new Unreachable(null), [], WORDS).form).toBe("no answer");
    expect(faultsOf(new TypeError("x is not a function"), [], WORDS).form).toBe("a defect");
  });
});

describe("the key of a request", () => {
  it("stays while the body stays, and is new after a change or a success", () => {
    const key = new RequestKey();
    const first = key.for({ name: "West" });
    expect(key.for({ name: "West" })).toBe(first);
    const second = key.for({ name: "East" });
    expect(second).not.toBe(first);
    key.done();
    expect(key.for({ name: "East" })).not.toBe(second);
  });
});
