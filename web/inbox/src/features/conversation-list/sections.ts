import type { Conversation, Id } from "@partyline/kit/api";
import { waitMinutes, TARGET_MINUTES } from "../conversation/index.ts";

export type SectionName = "over" | "due" | "waiting" | "answered";
export type Item =
  | { kind: "section"; name: SectionName; count: number; key: string }
  | { kind: "row"; id: Id; position: number; key: Id };

/** "Due" is what passes the target within this many minutes. */
const DUE_MINUTES = 15;

export function sectionOf(conversation: Pick<Conversation, "waiting_since">, now: number): SectionName {
  const minutes = waitMinutes(conversation, now);
  if (minutes === null) return "answered";
  if (minutes >= TARGET_MINUTES) return "over";
  return minutes >= TARGET_MINUTES - DUE_MINUTES ? "due" : "waiting";
}

/**
 * The rows with a heading before each section, in the order given; without `sectioned` only the rows.
 * `total`: how many there are where not all are loaded; the last section counts what is missing.
 */
export function itemsOf(
  ids: readonly Id[],
  find: (id: Id) => Conversation | undefined,
  now: number,
  sectioned: boolean,
  total: number | null = null,
): Item[] {
  const items: Item[] = [];
  let open: Extract<Item, { kind: "section" }> | null = null;
  ids.forEach((id, at) => {
    const conversation = find(id);
    if (sectioned && conversation) {
      const name = sectionOf(conversation, now);
      // A held list may be out of order: then a section can come twice.
      if (open?.name !== name) {
        open = { kind: "section", name, count: 0, key: `${name}-${items.length}` };
        items.push(open);
      }
      open.count += 1;
    }
    items.push({ kind: "row", id, position: at + 1, key: id });
  });
  const last = items.findLast((item) => item.kind === "section");
  if (last && total !== null && total > ids.length) last.count += total - ids.length;
  return items;
}
