export { neighbour, parsePlace, placePath, sortFor, storedSort, storeSort, type Place } from "./place.ts";
export { viewLabel, viewName, type ViewName } from "./viewName.ts";
