import type { Found, FoundContact, Hit, SearchProblem, SearchTerm } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import { useCallback, useEffect, useRef, useState } from "react";

/** After a key the search waits this long for the next one, in ms. */
const PAUSE_MS = 120;
const PAGE = 50;

export type Results = {
  /** The query that they answer. */
  q: string;
  terms: readonly SearchTerm[];
  problems: readonly SearchProblem[];
  people: readonly FoundContact[];
  hits: readonly Hit[];
  /** Where the next page begins, and whether it is further back than one look reaches. */
  next: { cursor: string; older: boolean } | null;
  tookMs: number;
};
export type State = "ready" | "loading" | "failed";

/** What was found last, for who comes back from a conversation. */
let kept: Results | null = null;

/** What is found for a query, while it is being written. An answer that comes late is dropped. */
export function useFound(q: string): { results: Results | null; state: State; more: () => void; again: () => void } {
  const { client } = useApp();
  const [results, setResults] = useState<Results | null>(kept?.q === q ? kept : null);
  const [state, setState] = useState<State>("ready");
  const [tries, setTries] = useState(0);
  const under = useRef<AbortController | null>(null);

  const ask = useCallback(
    async (before: Results | null) => {
      under.current?.abort();
      const control = new AbortController();
      under.current = control;
      setState("loading");
      try {
        const query = { q, cursor: before?.next?.cursor, limit: PAGE };
        const { data } = await client.get<Found>("/search", { query, signal: control.signal });
        if (control.signal.aborted) return;
        kept = joined(q, before, data);
        setResults(kept);
        setState("ready");
      } catch {
        if (!control.signal.aborted) setState("failed");
      }
    },
    [client, q],
  );
  useEffect(() => {
    if (q.trim() === "") {
      under.current?.abort();
      setResults(null);
      setState("ready");
      return;
    }
    if (kept?.q === q && tries === 0) {
      setResults(kept);
      setState("ready");
      return;
    }
    const timer = setTimeout(() => void ask(null), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [ask, q, tries]);
  useEffect(() => () => under.current?.abort(), []);

  return {
    results,
    state,
    more: () => results?.next && state !== "loading" && void ask(results),
    again: () => setTries(tries + 1),
  };
}

function joined(q: string, before: Results | null, found: Found): Results {
  const cursor = found.next_cursor ?? found.older_cursor;
  return {
    q,
    terms: found.terms,
    problems: found.problems,
    people: before?.people ?? found.people,
    hits: [...(before?.hits ?? []), ...found.data],
    next: cursor === null ? null : { cursor, older: found.next_cursor === null },
    tookMs: found.took_ms,
  };
}
