import { useCallback, useLayoutEffect, useRef, type RefObject } from "react";

/**
 * Keeps what is read where it is while newer entries are put below it. The log runs from its end, so what comes there would push
 * everything up; the browser does not hold still what stands at the very end. Answers what is to be called when somebody scrolls.
 */
export function useHeldStill(
  scroller: RefObject<HTMLElement | null>,
  log: RefObject<HTMLElement | null>,
  /** Changes with the entries. */
  entries: unknown,
  /** Is the end of the log not its newest? */
  inTheMiddle: boolean,
): () => void {
  const last = useRef<{ element: Element; bottom: number } | null>(null);
  const remember = useCallback(() => {
    const element = log.current?.lastElementChild ?? null;
    last.current = element && { element, bottom: element.getBoundingClientRect().bottom };
  }, [log]);
  useLayoutEffect(() => {
    const before = last.current;
    // all that was held has gone: what is there now begins at its end
    if (before?.element.isConnected === false) scroller.current?.scrollTo({ top: 0, behavior: "instant" });
    else if (before && scroller.current) {
      const moved = before.element.getBoundingClientRect().bottom - before.bottom;
      if (Math.abs(moved) >= 1) scroller.current.scrollBy({ top: moved, behavior: "instant" });
    }
    if (inTheMiddle) remember();
    else last.current = null;
  }, [scroller, entries, inTheMiddle, remember]);
  return useCallback(() => {
    if (last.current !== null) remember();
  }, [remember]);
}
