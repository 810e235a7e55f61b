export { Ahead, beside, type Way } from "./ahead.ts";
export { Desk, type Tables } from "./desk.ts";
export {
  belongs,
  compare,
  isLabelView,
  isOpenView,
  listKey,
  orderOf,
  tallyOf,
  type Eyes,
  type ListQuery,
  type ListState,
  type LoadState,
  type Sort,
} from "./lists.ts";
export { Live, type LiveState, type Surroundings } from "./live.ts";
export { Loader } from "./loader.ts";
export { MOST_SELECTED, Selection } from "./selection.ts";
export type { ThreadPage, ThreadState } from "./threads.ts";
export { Topics } from "./topics.ts";
