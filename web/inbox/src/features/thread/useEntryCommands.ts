import { useApp } from "@partyline/kit/react";
import { useEffect, type RefObject } from "react";
import { known } from "../keys/index.ts";

/** N and P walk over the messages and notes of a thread, beginning at the newest; what happened in between is passed over. */
export function useEntryCommands(log: RefObject<HTMLElement | null>): void {
  const { commands } = useApp();
  useEffect(() => {
    const step = (by: 1 | -1) => () => {
      const all = [...(log.current?.querySelectorAll<HTMLElement>("article") ?? [])];
      const at = all.findIndex((entry) => entry.contains(document.activeElement));
      const next = at < 0 ? all.at(-1) : all[at + by];
      if (!next) return;
      // reached by these keys and by nothing else
      next.tabIndex = -1;
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    };
    const isThere = () => log.current?.querySelector("article") != null;
    return commands.add([
      { ...known("thread.older"), when: isThere, run: step(-1) },
      { ...known("thread.newer"), when: isThere, run: step(1) },
    ]);
  }, [commands, log]);
}
