import { useCallback, useEffect, useMemo, useReducer, useSyncExternalStore } from "react";
import type {
  CannedResponse,
  Channel,
  Connection,
  Conversation,
  Counts,
  Draft,
  HeldGroup,
  Id,
  Import,
  Label,
  Me,
  Permission,
  Presence,
  SavedSearch,
  Team,
  User,
} from "../api/types.ts";
import type { Desk } from "../store/desk.ts";
import { listKey, type ListQuery, type ListState } from "../store/lists.ts";
import type { LiveState } from "../store/live.ts";
import type { ThreadState } from "../store/threads.ts";
import { useApp } from "./app.tsx";

/** Reads from the desk, and renders again when `topic` is touched. `read` must answer the same object while nothing changed. */
export function useTopic<T>(topic: string, read: (desk: Desk) => T): T {
  const { desk } = useApp();
  const subscribe = useCallback((listener: () => void) => desk.topics.subscribe(topic, listener), [desk, topic]);
  return useSyncExternalStore(subscribe, () => read(desk));
}

export function useMe(): Me | null {
  return useTopic("me", (desk) => desk.me);
}
/** Whether the signed-in user may do that. The server decides; this only hides what it would refuse. */
export function useMay(permission: Permission): boolean {
  return useMe()?.permissions.includes(permission) ?? false;
}
export function useCounts(): Counts | null {
  return useTopic("counts", (desk) => desk.counts);
}
export function useConversation(id: Id | null): Conversation | undefined {
  return useTopic(`conversation:${id}`, (desk) => (id === null ? undefined : desk.conversation(id)));
}
/** Those of them that are known here, live. */
export function useConversations(ids: readonly Id[]): readonly Conversation[] {
  const { desk } = useApp();
  const [, renew] = useReducer((count: number) => count + 1, 0);
  const key = ids.join(" ");
  useEffect(() => {
    const stops = key.split(" ").map((id) => desk.topics.subscribe(`conversation:${id}`, renew));
    return () => {
      for (const stop of stops) stop();
    };
  }, [desk, key]);
  return ids.flatMap((id) => desk.conversation(id) ?? []);
}
export function useThread(id: Id | null): ThreadState | undefined {
  return useTopic(`thread:${id}`, (desk) => (id === null ? undefined : desk.thread(id)));
}
export function useList(query: ListQuery): ListState | undefined {
  return useTopic(`list:${listKey(query)}`, (desk) => desk.list(query));
}
export function usePresence(id: Id | null): Omit<Presence, "conversation_id"> {
  return useTopic(`presence:${id}`, (desk) => desk.presence(id ?? ""));
}
export function useUsers(): readonly User[] {
  return useTopic("users", (desk) => desk.table("users"));
}
export function useLabels(): readonly Label[] {
  return useTopic("labels", (desk) => desk.table("labels"));
}
/** The canned responses that the user may use. */
export function useCanned(): readonly CannedResponse[] {
  return useTopic("canned", (desk) => desk.table("canned"));
}
/** The saved searches that the user sees. */
export function useSaved(): readonly SavedSearch[] {
  return useTopic("saved", (desk) => desk.table("saved"));
}
export function useTeams(): readonly Team[] {
  return useTopic("teams", (desk) => desk.table("teams"));
}
/** The teams whose conversations the user sees: open ones, their own, and for admins all. */
export function useVisibleTeams(): readonly Team[] {
  const teams = useTeams();
  const me = useMe()?.user;
  return useMemo(() => {
    const seesAll = me?.role === "owner" || me?.role === "admin";
    return teams.filter(({ closed, member_ids }) => !closed || seesAll || (me && member_ids.includes(me.id)));
  }, [teams, me]);
}
export function useChannels(): readonly Channel[] {
  return useTopic("channels", (desk) => desk.table("channels"));
}
export function useConnections(): readonly Connection[] {
  return useTopic("connections", (desk) => desk.table("connections"));
}
/** How often the log has told of held messages; another number says that what was read is old. */
export function useHeldChanges(): number {
  return useTopic("held", (desk) => desk.heldChanges);
}
/** What is held, alike together, always as it is now; null while it is not known, and for whom it is none of their business. */
export function useHeldGroups(): readonly HeldGroup[] | null {
  const { loader } = useApp();
  const may = useMay("channels.manage");
  const changes = useHeldChanges();
  useEffect(() => {
    if (may && changes >= 0) void loader.held();
  }, [loader, may, changes]);
  return useTopic("held", (desk) => (may ? desk.held : null));
}
/** How many messages are held; 0 while that is not known. */
export function useHeldCount(): number {
  return useHeldGroups()?.reduce((sum, { count }) => sum + count, 0) ?? 0;
}
/** How often the log has told of something that lists of tasks show; another number says that what was read is old. */
export function useTaskChanges(): number {
  return useTopic("tasks", (desk) => desk.taskChanges);
}
/** The same of lists of messages that we wrote. */
export function useSentChanges(): number {
  return useTopic("sent", (desk) => desk.sentChanges);
}
/** How often the log has told of something that lists of drafts show; another number says that what was read is old. */
export function useDraftChanges(): number {
  return useTopic("drafts", (desk) => desk.draftChanges);
}
/** The drafts of a conversation, one per channel; undefined until they were read. */
export function useDrafts(id: Id): readonly Draft[] | undefined {
  return useTopic(`drafts:${id}`, (desk) => desk.drafts(id));
}
/** How much of what the user was told they have not seen, up to 100. */
export function useUnseen(): number {
  return useTopic("notifications", (desk) => desk.unseen);
}
/** How often what the user was told has changed; another number says that what was read is old. */
export function useNotificationChanges(): number {
  return useTopic("notifications", (desk) => desk.notificationChanges);
}
/** The imports of a channel, newest first; undefined until they were read. */
export function useImports(channel: Id): readonly Import[] | undefined {
  return useTopic(`imports:${channel}`, (desk) => desk.imports(channel));
}
export function useLiveState(): LiveState {
  const { live } = useApp();
  return useSyncExternalStore(live.subscribe, live.state);
}

// One clock for every waiting time on screen.
const MINUTE_MS = 60_000;
/** Often enough that no ring is noticeably late. */
const TICK_MS = 10_000;
const watchers = new Set<() => void>();
let ticker: ReturnType<typeof setInterval> | undefined;

function watchMinute(listener: () => void): () => void {
  watchers.add(listener);
  ticker ??= setInterval(() => {
    for (const watcher of watchers) watcher();
  }, TICK_MS);
  return () => {
    watchers.delete(listener);
    if (watchers.size === 0) {
      clearInterval(ticker);
      ticker = undefined;
    }
  };
}

/** The current minute, in ms; renders again when it passes. */
export function useMinute(): number {
  return useSyncExternalStore(watchMinute, () => Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
}
