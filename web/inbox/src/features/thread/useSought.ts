import { useLingui } from "@lingui/react/macro";
import type { Id } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import { showToast } from "@partyline/kit/ui";
import { useEffect, useRef, type RefObject } from "react";
import { useSearch } from "wouter";

/** The entry that the page's address asks for, or null. */
export function useSought(): Id | null {
  return new URLSearchParams(useSearch()).get("entry");
}

/** Brings a thread: around the entry that the address asks for, else its newest. */
export function useBrought(id: Id): void {
  const { t } = useLingui();
  const { desk, live, loader } = useApp();
  const sought = useSought();
  const gone = t`What the link leads to is not in this conversation.`;
  useEffect(() => {
    let current = true;
    if (sought === null) {
      const heard = live.state().state === "live";
      if (!desk.openThread(id) || !heard) void loader.thread(id, "newest");
    } else
      void loader.threadAround(id, sought).then((isThere) => {
        if (!current || isThere !== false) return;
        showToast({ id: "sought", text: gone });
        void loader.thread(id, "newest");
      });
    return () => {
      current = false;
    };
    // oxlint-disable-next-line react/exhaustive-deps -- the words of the message don't matter
  }, [desk, live, loader, id, sought]);
}

/** Scrolls to the entry once it is there, and gives it the focus, so that the keys go on from it; once for each time it is asked for. */
export function useReached(sought: Id | null, isThere: boolean, scroller: RefObject<HTMLElement | null>): void {
  const reached = useRef<Id | null>(null);
  useEffect(() => {
    if (sought === null) reached.current = null;
    if (sought === null || !isThere || reached.current === sought) return;
    reached.current = sought;
    const entry = scroller.current?.querySelector<HTMLElement>("[data-sought]");
    entry?.scrollIntoView({ block: "center" });
    entry?.focus({ preventScroll: true });
  }, [sought, isThere, scroller]);
}
