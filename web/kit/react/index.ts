export { AppProvider, useApp, type App } from "./app.tsx";
export {
  useChannels,
  useConnections,
  useConversation,
  useCounts,
  useList,
  useLiveState,
  useMe,
  useMinute,
  usePresence,
  useTeams,
  useThread,
  useTopic,
  useUsers,
} from "./hooks.ts";
