import { ApiProblem, Unreachable } from "./problem.ts";

const BASE = "/api/v1";

export type Query = Record<string, string | number | boolean | null | undefined>;
export type Options = {
  query?: Query;
  signal?: AbortSignal;
  /** For creating POSTs; made up when left out, so pass one to repeat a request. */
  idempotencyKey?: string;
};
/** An answer, with the workspace's seq in which it was read (GET only). */
export type Answer<T> = { data: T; seq: number | null };

export type Client = {
  get<T>(path: string, options?: Options): Promise<Answer<T>>;
  /** POST that creates or sends; carries an `Idempotency-Key`. */
  post<T>(path: string, body?: unknown, options?: Options): Promise<T>;
  put<T>(path: string, body: unknown, options?: Options): Promise<T>;
  patch<T>(path: string, body: unknown, options?: Options): Promise<T>;
  delete<T>(path: string, options?: Options): Promise<T>;
  /** Multipart upload of one file in the field `file`. */
  upload<T>(path: string, file: File, options?: Options): Promise<T>;
  /** The same with PUT: it takes the place of the file before. */
  replace<T>(path: string, file: File, options?: Options): Promise<T>;
  /** Told when the session is gone (401 outside sign-in). Returns the way to stop. */
  onSignedOut(listener: () => void): () => void;
  /** Told when the server says that it can't save anything for now. Returns the way to stop. */
  onTrouble(listener: (trouble: Trouble) => void): () => void;
  /** What keeps the server from saving now; null when nothing does. Rejects when it does not answer. */
  trouble(): Promise<Trouble | null>;
};

const TROUBLES = ["storage_full", "storage_read_only", "database_away"] as const;
/** Why the server can't save anything: nothing is wrong with what was asked. */
export type Trouble = (typeof TROUBLES)[number];

function troubleOf(answer: unknown): Trouble | null {
  const code = isRecord(answer) ? answer["code"] : undefined;
  return TROUBLES.find((trouble) => trouble === code) ?? null;
}

type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** A client of the server that this page came from. Every method rejects with `ApiProblem` or `Unreachable`. */
export function createClient(fetcher: Fetch = (input, init) => fetch(input, init)): Client {
  const signedOut = new Set<() => void>();
  const troubled = new Set<(trouble: Trouble) => void>();

  async function call<T>(
    method: string,
    path: string,
    options: Options,
    body?: BodyInit,
    json = true,
  ): Promise<Answer<T>> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (method !== "GET") headers["X-Partyline-CSRF"] = "1";
    if (method === "POST") headers["Idempotency-Key"] = options.idempotencyKey ?? newIdempotencyKey();
    if (body !== undefined && json) headers["Content-Type"] = "application/json";
    const init: RequestInit = { method, headers, credentials: "same-origin" };
    if (body !== undefined) init.body = body;
    if (options.signal) init.signal = options.signal;
    let response: Response;
    try {
      response = await fetcher(BASE + path + queryString(options.query), init);
    } catch (cause) {
      if (options.signal?.aborted) throw cause;
      throw new Unreachable(cause);
    }
    const answer = await readJson(response);
    if (!response.ok) {
      if (response.status === 401 && path !== "/session") for (const listener of signedOut) listener();
      const trouble = response.status === 503 ? troubleOf(answer) : null;
      if (trouble !== null) for (const listener of troubled) listener(trouble);
      const wait = Number(response.headers.get("Retry-After"));
      throw new ApiProblem(response.status, isRecord(answer) ? answer : {}, wait > 0 ? wait : null);
    }
    const seq = response.headers.get("Partyline-Seq");
    return { data: answer as T, seq: seq === null ? null : Number(seq) };
  }

  return {
    get: (path, options = {}) => call("GET", path, options),
    post: async <T>(path: string, body?: unknown, options: Options = {}) =>
      (await call<T>("POST", path, options, jsonOf(body))).data,
    put: async <T>(path: string, body: unknown, options: Options = {}) =>
      (await call<T>("PUT", path, options, jsonOf(body))).data,
    patch: async <T>(path: string, body: unknown, options: Options = {}) =>
      (await call<T>("PATCH", path, options, jsonOf(body))).data,
    delete: async <T>(path: string, options: Options = {}) => (await call<T>("DELETE", path, options)).data,
    upload: async <T>(path: string, file: File, options: Options = {}) =>
      (await call<T>("POST", path, options, formOf(file), false)).data,
    replace: async <T>(path: string, file: File, options: Options = {}) =>
      (await call<T>("PUT", path, options, formOf(file), false)).data,
    onSignedOut(listener) {
      signedOut.add(listener);
      return () => signedOut.delete(listener);
    },
    onTrouble(listener) {
      troubled.add(listener);
      return () => troubled.delete(listener);
    },
    async trouble() {
      const response = await fetcher("/readyz", { method: "GET", credentials: "same-origin" });
      return response.ok ? null : troubleOf(await readJson(response));
    },
  };
}

function formOf(file: File): FormData {
  const form = new FormData();
  form.set("file", file, file.name);
  return form;
}

/** Where the bytes of a file are. */
export function fileUrl(id: string): string {
  return `${BASE}/attachments/${id}`;
}

/** A key for `Idempotency-Key`. `crypto.randomUUID` needs https, which a server on a LAN may not have. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function jsonOf(body: unknown): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body);
}

function queryString(query: Query | undefined): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined) params.set(name, String(value));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
