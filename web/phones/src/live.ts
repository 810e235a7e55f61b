/** The carrier's state, kept up to date by its stream of changes. */

import { useEffect, useState } from "react";
import { type Change, readState, type State } from "./carrier.ts";

/** Lines of the wire that the page keeps. */
const LINES_KEPT = 500;

/** Puts `item` in the place of the one with the same key, or at the end. */
function put<T>(items: T[], item: T, key: (item: T) => unknown): T[] {
  const at = items.findLastIndex((other) => key(other) === key(item));
  return at < 0 ? [...items, item] : items.with(at, item);
}

/** Applying a change twice, or one that the state knows already, does no harm. */
export function apply(state: State, change: Change): State {
  switch (change.kind) {
    case "message":
      return { ...state, messages: put(state.messages, change.data, (m) => m.sid) };
    case "deleted":
      return { ...state, messages: state.messages.filter((m) => m.sid !== change.data) };
    case "phone":
      return { ...state, phones: put(state.phones, change.data, (p) => p.number) };
    case "number":
      return { ...state, numbers: put(state.numbers, change.data, (n) => n.phone_number) };
    case "faults":
      return { ...state, faults: change.data };
    case "wire":
      return { ...state, wire: put(state.wire, change.data, (w) => w.id).slice(-LINES_KEPT) };
    case "reset":
      return state;
  }
}

export interface Live {
  state: State | null;
  connected: boolean;
}

/** Reads the state whenever the stream opens or says so; changes meanwhile wait for it. */
export function useLive(): Live {
  const [live, setLive] = useState<Live>({ state: null, connected: true });
  useEffect(() => {
    const source = new EventSource("/carrier/live");
    let waiting: Change[] | null = null;
    const read = async () => {
      const mine: Change[] = [];
      waiting = mine;
      try {
        const state = await readState();
        if (waiting !== mine) return;
        waiting = null;
        setLive({ state: mine.reduce(apply, state), connected: true });
      } catch {
        // The stream breaks by the same cause, and opens again by itself.
        if (waiting === mine) waiting = null;
      }
    };
    source.addEventListener("open", () => void read());
    source.addEventListener("error", () => setLive((now) => ({ ...now, connected: false })));
    source.addEventListener("message", (event: MessageEvent<string>) => {
      const change = JSON.parse(event.data) as Change;
      if (change.kind === "reset") void read();
      else if (waiting) waiting.push(change);
      else setLive((now) => (now.state ? { ...now, state: apply(now.state, change) } : now));
    });
    return () => source.close();
  }, []);
  return live;
}
