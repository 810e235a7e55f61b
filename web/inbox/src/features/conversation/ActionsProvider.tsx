import type { Id } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import { Selection } from "@partyline/kit/store";
import { createContext, useContext, useState, useSyncExternalStore, type ReactNode } from "react";
import { ConversationActions } from "./actions.ts";
import { ManyActions } from "./many.ts";

type Acting = { actions: ConversationActions; many: ManyActions; selection: Selection };

const ActionsContext = createContext<Acting | null>(null);

export function ActionsProvider({ children }: { children: ReactNode }) {
  const { client, desk } = useApp();
  const [acting] = useState(() => {
    const actions = new ConversationActions(client, desk);
    return { actions, many: new ManyActions(client, desk, actions), selection: new Selection() };
  });
  return <ActionsContext value={acting}>{children}</ActionsContext>;
}

function useActing(): Acting {
  const acting = useContext(ActionsContext);
  if (!acting) throw new Error("useActions outside ActionsProvider");
  return acting;
}

export function useActions(): ConversationActions {
  return useActing().actions;
}

/** What is done to one or to many alike. */
export function useManyActions(): ManyActions {
  return useActing().many;
}

/** The conversations of the list that are chosen together, to be asked and changed. */
export function useSelection(): Selection {
  return useActing().selection;
}

/** The same, live. */
export function useChosen(): ReadonlySet<Id> {
  const { subscribe, snapshot } = useSelection();
  return useSyncExternalStore(subscribe, snapshot);
}

/** The row that a range ends with, live. */
export function useRangeEnd(): Id | null {
  const selection = useSelection();
  return useSyncExternalStore(selection.subscribe, () => selection.end);
}
