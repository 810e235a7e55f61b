import type { Query, Page } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import { useCallback, useEffect, useRef, useState } from "react";

const PAGE = 50;
/** The server answers no more at once: of a list that is longer, the rest is read by hand again. */
const PAGE_MAX = 200;

/** `rows` null: they were not read yet, and `failed` says whether that went wrong. `more` brings the next page, where there is one. */
export type Listed<Row> = {
  rows: readonly Row[] | null;
  failed: boolean;
  again: () => void;
  more: (() => void) | null;
};

/**
 * A paged list, read again when `changes` is another number, as long as it has become. `of` is what it is asked for: with another one,
 * it is another list. What changes in bursts is read once `pause` has passed without a change, in ms.
 */
export function useListed<Row>(path: string, of: Query, changes: number, pause = 0): Listed<Row> {
  const { client } = useApp();
  const key = JSON.stringify(of);
  const [shown, setShown] = useState<{ key: string; rows: readonly Row[]; next: string | null } | null>(null);
  const [failed, setFailed] = useState(false);
  const asked = useRef(0);
  const long = useRef(PAGE);
  const ask = useCallback(
    async (cursor: string | null) => {
      asked.current += 1;
      const turn = asked.current;
      try {
        const query = { ...(JSON.parse(key) as Query), cursor, limit: cursor === null ? long.current : PAGE };
        const { data } = await client.get<Page<Row>>(path, { query });
        if (turn !== asked.current) return;
        setFailed(false);
        setShown((before) => {
          const kept = cursor !== null && before?.key === key ? before.rows : [];
          const rows = [...kept, ...data.data];
          long.current = Math.min(Math.max(PAGE, rows.length), PAGE_MAX);
          return { key, rows, next: data.next_cursor };
        });
      } catch {
        if (turn === asked.current) setFailed(true);
      }
    },
    [client, path, key],
  );
  useEffect(() => {
    long.current = PAGE;
  }, [key]);
  const read = useRef<typeof ask | null>(null);
  useEffect(() => {
    // another list is read at once
    const wait = read.current === ask && changes >= 0 ? pause : 0;
    read.current = ask;
    if (wait === 0) return void ask(null);
    const timer = setTimeout(() => void ask(null), wait);
    return () => clearTimeout(timer);
  }, [ask, changes, pause]);
  const here = shown?.key === key ? shown : null;
  const next = here?.next ?? null;
  return {
    rows: here?.rows ?? null,
    failed: failed && here === null,
    again: () => void ask(null),
    more: next === null ? null : () => void ask(next),
  };
}
