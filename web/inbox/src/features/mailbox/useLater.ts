import { startTransition, useCallback, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";

/** Is a key held down, and repeats itself? Then what follows must not hold up what it moves. */
let repeats = false;
addEventListener("keydown", (event) => (repeats = event.repeat), true);
addEventListener("keyup", () => (repeats = false), true);

/**
 * Follows `value` in a render of its own, after the urgent one; where `isHere` says that there is nothing to wait for, in the same one.
 * `catchUp` does that at once, before it answers.
 */
export function useLater<T>(value: T, isHere: (value: T) => boolean): [later: T, catchUp: () => void] {
  const [later, setLater] = useState(value);
  const [before, setBefore] = useState(value);
  const latest = useRef(value);
  if (value !== before) {
    setBefore(value);
    if (!repeats && isHere(value)) setLater(value);
  }
  useEffect(() => {
    latest.current = value;
    startTransition(() => setLater(value));
  }, [value]);
  const catchUp = useCallback(() => flushSync(() => setLater(latest.current)), []);
  return [later, catchUp];
}
