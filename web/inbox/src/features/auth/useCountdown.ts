import { useEffect, useState } from "react";

const SECOND_MS = 1_000;

/** Whole seconds until `until` (ms); 0 when it has passed. */
export function useCountdown(until: number): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const look = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / SECOND_MS)));
    look();
    if (until <= Date.now()) return;
    const timer = setInterval(look, SECOND_MS);
    return () => clearInterval(timer);
  }, [until]);
  return left;
}
