import type { Id } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import type { ThreadState } from "@partyline/kit/store";
import { useEffect, useRef } from "react";

/** Older pages that are read to find an entry; beyond that it is not looked for. */
const PAGES_MAX = 40;
/** How long the entry is marked, ms. */
const MARKED_MS = 2_000;

/** Shows the entry that the page's address names after "#", as soon as it is there; older pages are read for it. */
export function useJump(conversation: Id, thread: ThreadState | undefined): void {
  const { loader } = useApp();
  const left = useRef(PAGES_MAX);
  const wanted = useRef(location.hash.slice(1));
  useEffect(() => {
    const again = () => {
      wanted.current = location.hash.slice(1);
      show(wanted);
    };
    addEventListener("hashchange", again);
    return () => removeEventListener("hashchange", again);
  }, []);
  useEffect(() => {
    if (wanted.current === "" || thread?.state !== "ready" || show(wanted)) return;
    if (!thread.more || left.current === 0) return;
    left.current -= 1;
    void loader.thread(conversation, "older");
  }, [loader, conversation, thread]);
}

function show(wanted: { current: string }): boolean {
  const entry = /^[a-z]+_[0-9a-z]+$/.test(wanted.current) ? document.getElementById(wanted.current) : null;
  if (!entry) return false;
  wanted.current = "";
  entry.scrollIntoView({ block: "center" });
  entry.dataset.marked = "";
  setTimeout(() => delete entry.dataset.marked, MARKED_MS);
  return true;
}
