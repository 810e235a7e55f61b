import type { FieldFault, Problem } from "./types.ts";

/** The server refused: RFC 9457 problem details. `body` carries the members of the code, such as `entries` of `stale_reply`. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly FieldFault[];
  readonly body: Record<string, unknown>;
  /** Seconds to wait, where the server named them. */
  readonly retryAfter: number | null;

  constructor(status: number, body: Partial<Problem> & Record<string, unknown>, retryAfter: number | null = null) {
    const title = body.title ?? `HTTP ${status}`;
    super(body.detail ?? title);
    this.name = "ApiProblem";
    this.status = status;
    this.code = body.code ?? `http_${status}`;
    this.title = title;
    this.detail = body.detail ?? title;
    this.errors = body.errors ?? [];
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

/** No answer came: the network is gone, or the server does not listen. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super("The server could not be reached.", { cause });
    this.name = "Unreachable";
  }
}
