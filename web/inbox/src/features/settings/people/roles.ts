import { useLingui } from "@lingui/react/macro";
import type { Role } from "@partyline/kit/api";

/** From most to least. */
export const ROLES: readonly Role[] = ["owner", "admin", "lead", "agent", "viewer"];

/** As a heading or in a table. */
export function useRoleNames(): Record<Role, string> {
  const { t } = useLingui();
  return { owner: t`Owner`, admin: t`Admin`, lead: t`Lead`, agent: t`Agent`, viewer: t`Viewer` };
}

/** Beside a name, quietly. */
export function useRoleWords(): Record<Role, string> {
  const { t } = useLingui();
  return { owner: t`owner`, admin: t`admin`, lead: t`lead`, agent: t`agent`, viewer: t`viewer` };
}

/** What each role may do, in a sentence. */
export function useRoleHints(): Record<Role, string> {
  const { t } = useLingui();
  return {
    owner: t`Owns the workspace, and makes other owners`,
    admin: t`Connects numbers, manages people and teams`,
    lead: t`Answers, and leads a team`,
    agent: t`Answers customers, writes notes, assigns`,
    viewer: t`Reads, and changes nothing`,
  };
}

/** The roles that somebody of role `own` may give. Only owners make owners. */
export function givableRoles(own: Role): Role[] {
  return ROLES.filter((role) => role !== "owner" || own === "owner");
}
