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
  PERSONAL_VIEWS,
  TASKS_PATH,
  VIEWS,
  type Place,
} from "./place.ts";
export { viewLabel, viewName, type ViewName } from "./viewName.ts";
