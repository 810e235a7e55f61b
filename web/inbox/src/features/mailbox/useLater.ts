import { startTransition, useCallback, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";

/** Follows `value` in a render of its own, after the urgent one. `catchUp` does that at once, before it answers. */
export function useLater<T>(value: T): [later: T, catchUp: () => void] {
  const [later, setLater] = useState(value);
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
    startTransition(() => setLater(value));
  }, [value]);
  const catchUp = useCallback(() => flushSync(() => setLater(latest.current)), []);
  return [later, catchUp];
}
