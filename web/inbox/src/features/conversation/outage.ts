import type { Channel, Connection, Id } from "@partyline/kit/api";
import { useChannels, useConnections } from "@partyline/kit/react";

/** Why texts of a channel wait: its provider can't be reached, or refuses the account; since when. */
export type Outage = { title: string; refused: boolean; since: Date | null };

/** The trouble of a channel's account; null while its texts leave. */
export function outageOf(channel: Channel | undefined, connections: readonly Connection[]): Outage | null {
  const connection = connections.find(({ id }) => id === channel?.connection_id);
  if (!channel || !connection || connection.health.breaker === "closed") return null;
  const { health } = connection;
  const since = typeof health.since === "string" ? new Date(health.since) : null;
  return { title: titleOf(channel.provider), refused: isRefusal(health), since };
}

/** Do texts wait because the account is refused, and not because its provider is away? */
export function isRefusal({ reason }: Connection["health"]): boolean {
  return typeof reason === "string" && !reason.startsWith("provider_");
}

/** The trouble of a channel's account, live. */
export function useOutage(channel: Id | null | undefined): Outage | null {
  const channels = useChannels();
  const connections = useConnections();
  return outageOf(
    channels.find(({ id }) => id === channel),
    connections,
  );
}

function titleOf(provider: string): string {
  return provider.charAt(0).toUpperCase() + provider.slice(1);
}
