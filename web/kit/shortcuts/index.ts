export { chooseSingleKeys, wantsSingleKeys } from "./choice.ts";
export { isMac, keyCaps, matches, parseKeys, type KeyInput, type Press } from "./keys.ts";
export { Commands, isField, isOverlay, type Command } from "./registry.ts";
