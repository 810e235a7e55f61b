import { ApiProblem, type Named } from "@partyline/kit/api";

/** Where the server does not say how long to wait, in seconds. */
const WAIT_SECONDS = 60;

export type Refusal = { kind: "choose"; workspaces: Named[] } | { kind: "wait"; seconds: number };

/** What a refused sign-in asks for, other than another password. */
export function refusalOf(problem: unknown): Refusal | null {
  if (!(problem instanceof ApiProblem)) return null;
  const { workspaces } = problem.body;
  if (problem.code === "choose_workspace" && Array.isArray(workspaces)) return { kind: "choose", workspaces };
  if (problem.status === 429) return { kind: "wait", seconds: problem.retryAfter ?? WAIT_SECONDS };
  return null;
}

/** 65 → "1:05" */
export function minutesAndSeconds(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
