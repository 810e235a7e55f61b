export { cameFrom } from "./cameFrom.ts";
export {
  DRAFTS_PATH,
  entryPath,
  neighbour,
  parsePlace,
  placePath,
  sortFor,
  storedSort,
  storeSort,
  NOTIFICATIONS_PATH,
  wholePage,
  PERSONAL_VIEWS,
  SCHEDULED_PATH,
  SENT_PATH,
  TASKS_PATH,
  VIEWS,
  type Place,
} from "./place.ts";
export { viewLabel, viewName, type ViewName } from "./viewName.ts";
