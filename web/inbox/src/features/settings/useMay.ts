import { useMe } from "@partyline/kit/react";

export type Permission = "people.manage" | "teams.manage" | "channels.manage" | "workspace.manage";

/** Whether the signed-in user may do that. The server decides; this only hides what it would refuse. */
export function useMay(permission: Permission): boolean {
  return useMe()?.permissions.includes(permission) ?? false;
}
