import { useLingui } from "@lingui/react/macro";
import type { TemplateVariable } from "@partyline/kit/api";
import { useCallback } from "react";

/** What the inbox knows, by what it is for people. */
export function useVariables(): Record<TemplateVariable, string> {
  const { t } = useLingui();
  return {
    "contact.name": t`Contact’s name`,
    "contact.first_name": t`Contact’s first name`,
    "contact.number": t`Contact’s number`,
    "agent.name": t`Your name`,
    "agent.first_name": t`Your first name`,
    "agent.signature": t`Your signature`,
    "team.name": t`Team`,
    "workspace.name": t`Workspace`,
    "conversation.subject": t`Subject of the conversation`,
  };
}

/** The name of a variable for people; undefined for one that only its author knows. */
export function useVariableNames(): (name: string) => string | undefined {
  const known = useVariables();
  return useCallback((name: string) => (known as Record<string, string | undefined>)[name], [known]);
}
