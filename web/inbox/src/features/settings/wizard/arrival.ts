import type { Channel, Conversation } from "@partyline/kit/api";

/** Whether the conversation shows that a text came in through the channel since it was connected, and nobody has answered it yet. */
export function provesArrival(conversation: Conversation, channel: Pick<Channel, "id" | "created_at">): boolean {
  const inbound = conversation.last_message?.direction === "inbound";
  const since = Date.parse(conversation.last_activity_at) >= Date.parse(channel.created_at);
  return inbound && since && conversation.channel_ids.includes(channel.id);
}
