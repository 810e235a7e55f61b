import type { Held, HeldState, Page } from "@partyline/kit/api";
import { useApp, useHeldChanges } from "@partyline/kit/react";
import { useCallback, useEffect, useRef, useState } from "react";

const PAGE = 50;
/** Rows that are read anew at once when something changes: what a page of the server holds. */
const MOST_ANEW = 200;

export type HeldList =
  | { state: "loading" }
  | { state: "failed"; again: () => void }
  | { state: "ready"; rows: readonly Held[]; more: (() => Promise<void>) | null };

type Read = { rows: readonly Held[]; cursor: string | null };

/** The held messages of one state, newest first, read anew whenever the log tells of one. */
export function useHeldPage(state: HeldState): HeldList {
  const { client } = useApp();
  const changes = useHeldChanges();
  const [read, setRead] = useState<Read | null>(null);
  const [failed, setFailed] = useState(false);
  const [tries, setTries] = useState(0);
  const shown = useRef(0);
  // What was asked last counts: an older answer that comes late is dropped.
  const asked = useRef(0);

  const ask = useCallback(
    async (cursor: string | null, limit: number) => {
      const { data } = await client.get<Page<Held>>("/inbound", { query: { state, cursor, limit } });
      return data;
    },
    [client, state],
  );

  useEffect(() => {
    if (changes < 0 || tries < 0) return;
    const turn = ++asked.current;
    ask(null, Math.min(Math.max(shown.current, PAGE), MOST_ANEW)).then(
      ({ data, next_cursor }) => {
        if (turn !== asked.current) return;
        shown.current = data.length;
        setFailed(false);
        setRead({ rows: data, cursor: next_cursor });
      },
      () => turn === asked.current && setFailed(true),
    );
  }, [ask, changes, tries]);

  // What is on screen stays there when reading anew fails.
  if (read === null) return failed ? { state: "failed", again: () => setTries((n) => n + 1) } : { state: "loading" };
  const { rows, cursor } = read;
  const more = async () => {
    const turn = asked.current;
    const page = await ask(cursor, PAGE).catch(() => null);
    if (page === null || turn !== asked.current) return;
    const all = [...rows, ...page.data];
    shown.current = all.length;
    setRead({ rows: all, cursor: page.next_cursor });
  };
  return { state: "ready", rows, more: cursor === null ? null : more };
}
