export {
  neighbour,
  parsePlace,
  placePath,
  sortFor,
  storedSort,
  storeSort,
  PERSONAL_VIEWS,
  VIEWS,
  type Place,
} from "./place.ts";
export { viewLabel, viewName, type ViewName } from "./viewName.ts";
