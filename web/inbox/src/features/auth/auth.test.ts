import { ApiProblem } from "@partyline/kit/api";
import { describe, expect, it } from "vitest";
import { strengthOf } from "./passwordStrength.ts";
import { minutesAndSeconds, refusalOf } from "./signIn.ts";

describe("the strength of a password", () => {
  it("counts what is missing to ten characters, each emoji as one", () => {
    expect(strengthOf("")).toEqual({ level: 0, missing: 10 });
    expect(strengthOf("blue door")).toEqual({ level: 0, missing: 1 });
    expect(strengthOf("🌲🌲")).toEqual({ level: 0, missing: 8 });
  });

  it("grows with length", () => {
    const levels = ["blue door 7", "blue door 7 cat", "blue door and seven cats"].map(
      (password) => strengthOf(password).level,
    );
    expect(levels).toEqual([2, 3, 4]);
  });

  it.each(["aaaaaaaaaaaaaaaaaaaa", "12345678901", "abcdefghijklmnop", "password12345", "qwertyqwertyqwerty"])(
    "is not fooled by %s",
    (password) => {
      expect(strengthOf(password).level).toBe(1);
    },
  );

  it("gives nothing for the name and the email of whoever chooses it", () => {
    expect(strengthOf("harborpine-sam").level).toBe(3);
    expect(strengthOf("harborpine-sam", ["sam@harborpine.example"]).level).toBe(1);
  });
});

describe("a refused sign-in", () => {
  it("asks which workspace", () => {
    const workspaces = [{ id: "work_1", name: "Harbor & Pine" }];
    const problem = new ApiProblem(409, { code: "choose_workspace", workspaces });
    expect(refusalOf(problem)).toEqual({ kind: "choose", workspaces });
  });

  it("says how long to wait, a minute where the server does not say", () => {
    expect(refusalOf(new ApiProblem(429, { code: "too_many_attempts" }, 252))).toEqual({ kind: "wait", seconds: 252 });
    expect(refusalOf(new ApiProblem(429, {}))).toEqual({ kind: "wait", seconds: 60 });
  });

  it("leaves the rest to the form", () => {
    expect(refusalOf(new ApiProblem(401, { code: "wrong_credentials" }))).toBeNull();
    expect(refusalOf(new ApiProblem(409, { code: "choose_workspace", workspaces: "?" }))).toBeNull();
    expect(refusalOf(new TypeError())).toBeNull();
  });

  it("writes the wait as a clock", () => {
    expect([0, 9, 65, 900].map(minutesAndSeconds)).toEqual(["0:00", "0:09", "1:05", "15:00"]);
  });
});
