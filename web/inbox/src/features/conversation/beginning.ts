import type { Channel, Id } from "@partyline/kit/api";
import { createContext, useContext } from "react";

/** What a new conversation begins with: a text that did not get through from one of our numbers goes on from another. */
export type Beginning = { from: Id; to: string; name: string | null; text: string };

/** Whose trouble it was: of one number of ours, or of its whole account. */
export type Sender = "number" | "account";

type Ours = Pick<Channel, "id" | "kind" | "connection_id" | "team_id" | "status">;

/** Another number of ours that the trouble of one does not touch; of the same team where there is one. Null where there is none. */
export function otherNumber<Number extends Ours>(
  channels: readonly Number[],
  id: Id | null,
  whose: Sender,
): Number | null {
  const failed = channels.find((channel) => channel.id === id);
  if (!failed) return null;
  const others = channels.filter(
    (channel) =>
      channel.id !== id &&
      channel.kind === "sms" &&
      channel.status === "connected" &&
      (whose === "number" || channel.connection_id !== failed.connection_id),
  );
  return others.find(({ team_id: team }) => team === failed.team_id) ?? others[0] ?? null;
}

/** Opens the form of a new conversation, filled in. */
export const BeginContext = createContext<(beginning: Beginning) => void>(() => undefined);

export function useBegin(): (beginning: Beginning) => void {
  return useContext(BeginContext);
}
