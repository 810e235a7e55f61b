export { Filled } from "./Filled.tsx";
export { firstLine, readableName } from "./model.ts";
export { useSlash, type ForWhom, type Inserted, type Slash } from "./useSlash.tsx";
export { useVariableNames, useVariables } from "./variables.ts";
