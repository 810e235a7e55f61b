import type { Id } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import { Ahead, beside, type Way } from "@partyline/kit/store";
import { useEffect, useMemo, useRef } from "react";

/** What was opened has begun to be painted by then, in ms. */
const PAINTED_MS = 15;

/** Brings what stands beside the conversation that is painted, once it is; whoever goes up the list goes on upwards. */
export function useAhead(ids: readonly Id[], open: Id | null): void {
  const { desk, loader } = useApp();
  const ahead = useMemo(() => new Ahead(desk, loader), [desk, loader]);
  const last = useRef<{ open: Id | null; way: Way }>({ open: null, way: 1 });
  useEffect(() => {
    const before = last.current;
    if (before.open !== open) {
      const from = before.open === null ? -1 : ids.indexOf(before.open);
      last.current = { open, way: open !== null && ids.indexOf(open) < from ? -1 : 1 };
    }
    const timer = setTimeout(() => ahead.want(beside(ids, open, last.current.way)), PAINTED_MS);
    return () => clearTimeout(timer);
  }, [ahead, ids, open]);
  useEffect(() => () => ahead.want([]), [ahead]);
}
