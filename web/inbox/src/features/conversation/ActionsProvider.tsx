import { useApp } from "@partyline/kit/react";
import { createContext, useContext, useState, type ReactNode } from "react";
import { ConversationActions } from "./actions.ts";

const ActionsContext = createContext<ConversationActions | null>(null);

export function ActionsProvider({ children }: { children: ReactNode }) {
  const { client, desk } = useApp();
  const [actions] = useState(() => new ConversationActions(client, desk));
  return <ActionsContext value={actions}>{children}</ActionsContext>;
}

export function useActions(): ConversationActions {
  const actions = useContext(ActionsContext);
  if (!actions) throw new Error("useActions outside ActionsProvider");
  return actions;
}
