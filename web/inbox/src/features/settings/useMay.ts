import type { Permission } from "@partyline/kit/api";
import { useMe } from "@partyline/kit/react";

/** Whether the signed-in user may do that. The server decides; this only hides what it would refuse. */
export function useMay(permission: Permission): boolean {
  return useMe()?.permissions.includes(permission) ?? false;
}
