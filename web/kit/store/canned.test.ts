import { expect, it } from "vitest";
import type { CannedResponse, LogEvent } from "../api/types.ts";
import { Desk } from "./desk.ts";

const ID = "canned_1";

function told(desk: Desk, type: string, data: LogEvent["data"], subject_id = ID): void {
  const seq = desk.seq + 1;
  const actor = { kind: "user" as const, id: "user_ana" };
  const at = "2026-12-01T09:00:00Z";
  const event = { seq, id: `evt_${seq}`, at, actor, type, conversation_id: null, subject_id, changed: [], data };
  desk.apply({ after: desk.seq, seq, events: [event] });
}

it("the canned responses of a tab follow the log; of what is somebody else's it is told nothing", () => {
  const desk = new Desk();
  const response = { id: ID, name: "Hours" } as CannedResponse;
  told(desk, "canned_response.created", response);
  expect(desk.table("canned")).toEqual([response]);
  told(desk, "canned_response.updated", { ...response, name: "Open" });
  expect(desk.row("canned", ID)?.name).toBe("Open");
  told(desk, "canned_response.created", null, "canned_2");
  expect(desk.table("canned")).toHaveLength(1);
  told(desk, "canned_response.removed", null);
  expect(desk.table("canned")).toEqual([]);
});

it("who is in which team decides which one may use: they are read again", () => {
  const desk = new Desk();
  expect(desk.isStale).toBe(false);
  told(desk, "team.updated", null, "team_1");
  expect(desk.isStale).toBe(true);
});
