export { RequestKey, type FormFaults } from "./faults.ts";
export { useForm, type FormOptions } from "./form.ts";
export { lately } from "./lately.tsx";
export { PicturesOfPeople } from "./pictures.tsx";
export { AppProvider, useApp, type App } from "./app.tsx";
export {
  useChannels,
  useConversations,
  useConnections,
  useImports,
  useConversation,
  useCounts,
  useDraftChanges,
  useDrafts,
  useHeldChanges,
  useNotificationChanges,
  useSentChanges,
  useTaskChanges,
  useUnseen,
  useHeldCount,
  useHeldGroups,
  useList,
  useLiveState,
  useMay,
  useMe,
  useMinute,
  usePresence,
  useCanned,
  useSaved,
  useLabels,
  useTeams,
  useThread,
  useTopic,
  useUsers,
  useVisibleTeams,
} from "./hooks.ts";
