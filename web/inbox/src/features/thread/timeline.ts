import type { Entry, Message } from "@partyline/kit/api";

/** What stands in a thread: entries, and a line where a new day begins. `run` continues the speaker before. */
export type TimelineItem =
  | { kind: "day"; key: string; at: Date }
  | { kind: "entry"; key: string; entry: Entry; run: boolean; writtenSince: boolean };

/** Messages of one speaker this close share one line of names. */
const RUN_MS = 5 * 60_000;

/** `entries` oldest first. `writtenSince` says whether the contact wrote after it. */
export function timelineOf(entries: readonly Entry[]): TimelineItem[] {
  const items: TimelineItem[] = [];
  const lastInbound = entries.findLastIndex((entry) => entry.type === "message" && entry.direction === "inbound");
  let before: Entry | null = null;
  entries.forEach((entry, at) => {
    const day = new Date(entry.at).toDateString();
    if (before === null || new Date(before.at).toDateString() !== day) {
      items.push({ kind: "day", key: `day-${day}`, at: new Date(entry.at) });
    }
    items.push({ kind: "entry", key: entry.id, entry, run: continues(before, entry), writtenSince: at < lastInbound });
    before = entry;
  });
  return items;
}

function continues(before: Entry | null, entry: Entry): boolean {
  if (before?.type !== "message" || entry.type !== "message" || troubled(before)) return false;
  if (before.delivery?.status === "cancelled") return false;
  const same =
    before.direction === entry.direction &&
    before.channel_id === entry.channel_id &&
    before.author.id === entry.author.id &&
    before.author.name === entry.author.name;
  return (
    same &&
    Date.parse(entry.at) - Date.parse(before.at) < RUN_MS &&
    new Date(before.at).toDateString() === new Date(entry.at).toDateString()
  );
}

/** Whether a card about its delivery stands under the message. */
export function troubled(message: Message): boolean {
  return message.delivery?.status === "failed" || message.delivery?.status === "unknown";
}
