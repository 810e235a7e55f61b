export { isMac, keyCaps, matches, parseKeys, type KeyInput, type Press } from "./keys.ts";
export { Commands, isField, type Command } from "./registry.ts";
