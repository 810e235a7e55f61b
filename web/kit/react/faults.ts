import { newIdempotencyKey } from "../api/client.ts";
import { ApiProblem, Unreachable } from "../api/problem.ts";

/** What is wrong, in plain words: with fields, and with the whole. */
export type FormFaults = { form: string | null; fields: Readonly<Record<string, string>> };

/** Sentences for what the server can't word itself. */
export type FaultWords = { unreachable: string; unexpected: string };

/**
 * Sorts the server's refusal onto the form's `fields`; what belongs to none of them is said of the whole.
 * "credentials.auth_token" is the field "auth_token" where the form has none of the whole name.
 */
export function faultsOf(problem: unknown, fields: readonly string[], words: FaultWords): FormFaults {
  if (problem instanceof Unreachable) return { form: words.unreachable, fields: {} };
  if (!(problem instanceof ApiProblem)) return { form: words.unexpected, fields: {} };
  if (problem.errors.length === 0) return { form: problem.detail, fields: {} };
  const sorted: Record<string, string> = {};
  const rest: string[] = [];
  for (const { field, detail } of problem.errors) {
    const name = [field, field.split(".").at(-1)].find(
      (candidate) => candidate !== undefined && fields.includes(candidate),
    );
    if (name === undefined) rest.push(detail);
    else sorted[name] ??= detail;
  }
  return { form: rest.length > 0 ? rest.join(" ") : null, fields: sorted };
}

/** An `Idempotency-Key` that stays the same while the body does, so that a repeated submit can't make a thing twice. */
export class RequestKey {
  #body: string | null = null;
  #key = "";

  for(body: unknown): string {
    const text = JSON.stringify(body);
    if (text !== this.#body) {
      this.#body = text;
      this.#key = newIdempotencyKey();
    }
    return this.#key;
  }

  /** After a success: the same body again is a new wish. */
  done(): void {
    this.#body = null;
  }
}
