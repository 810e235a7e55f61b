import type { EventEntry } from "@partyline/kit/api";
import {
  Archive,
  ArrowUp,
  Ban,
  Check,
  CircleDashed,
  Clock,
  Inbox,
  MessageSquare,
  Tag,
  Trash,
  Undo,
  UserCheck,
  Users,
  UserX,
} from "@partyline/kit/ui/icons";

export type EventIcon = typeof Check;

/** What stands before the sentence of an event; a plain ring before what this app does not know. */
export function eventIcon({ event, data }: Pick<EventEntry, "event" | "data">): EventIcon {
  switch (event) {
    case "conversation.created":
      return MessageSquare;
    case "conversation.assigned":
      return Array.isArray(data.assignees) && data.assignees.length === 0 ? UserX : UserCheck;
    case "conversation.updated":
      if ("team" in data) return Users;
      if (data.status === "spam") return Ban;
      if ("taken_back" in data) return Undo;
      if ("priority" in data) return ArrowUp;
      return data.status === "trash" ? Trash : CircleDashed;
    case "conversation.labelled":
      return Tag;
    case "conversation.closed":
      return Archive;
    case "conversation.reopened":
      return Inbox;
    case "conversation.snoozed":
      return Clock;
    case "consent.changed":
      return data.state === "revoked" ? Ban : Check;
    default:
      return CircleDashed;
  }
}
