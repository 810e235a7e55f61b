import { useEffect, useState } from "react";

export type Loaded<T> = { state: "loading" } | { state: "failed"; again: () => void } | { state: "ready"; value: T };

/** Loads once, and again when asked. `load` must stay the same function while it means the same. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: "loading" });
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let wanted = true;
    setLoaded({ state: "loading" });
    load().then(
      (value) => wanted && setLoaded({ state: "ready", value }),
      () => wanted && setLoaded({ state: "failed", again: () => setTries((count) => count + 1) }),
    );
    return () => {
      wanted = false;
    };
  }, [load, tries]);
  return loaded;
}
