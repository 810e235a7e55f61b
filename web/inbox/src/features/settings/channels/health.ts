import type { Channel, Connection } from "@partyline/kit/api";

/** How a channel does, the worst thing first. `code` chooses the sentence. */
export type Health = {
  tone: "ok" | "warn" | "danger";
  code: "connected" | "refused" | "waiting" | "unreachable" | "webhook_not_set" | "webhook_elsewhere" | "other";
};

/** `connection` is the channel's account, as far as it is known. */
export function healthOf(
  channel: Pick<Channel, "status">,
  connection: Pick<Connection, "status" | "health"> | undefined,
): Health {
  if (connection?.status === "refused") return { tone: "danger", code: "refused" };
  if (channel.status === "webhook_not_set") return { tone: "warn", code: "webhook_not_set" };
  if (channel.status === "webhook_elsewhere") return { tone: "warn", code: "webhook_elsewhere" };
  if (channel.status !== "connected") return { tone: "warn", code: "other" };
  if (connection && connection.health.breaker !== "closed") return { tone: "warn", code: "waiting" };
  if (connection?.status === "unreachable") return { tone: "warn", code: "unreachable" };
  return { tone: "ok", code: "connected" };
}
