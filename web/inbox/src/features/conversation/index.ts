export { complain, ConversationActions, SEND_UNDO, UNDO_MS } from "./actions.ts";
export {
  ActionsProvider,
  useActions,
  useChosen,
  useManyActions,
  useRangeEnd,
  useSelection,
} from "./ActionsProvider.tsx";
export { BeginContext, otherNumber, useBegin, type Beginning, type Sender } from "./beginning.ts";
export { dropped, hangs, take } from "./drag.ts";
export { contactName, targetFraction, TARGET_MINUTES, waitMinutes, waitText } from "./model.ts";
export { PriorityMark } from "./PriorityMark.tsx";
export { Waiting } from "./Waiting.tsx";
export { isRefusal, outageOf, useOutage } from "./outage.ts";
