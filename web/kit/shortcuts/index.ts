export { forgetSingleKeys, wantsSingleKeys } from "./choice.ts";
export {
  collide,
  DEFAULT_KEYS,
  keysUnder,
  mayGoOn,
  pressed,
  PRESETS,
  refused,
  showKeys,
  shownKeys,
} from "./keymap.ts";
export { isMac, keyCaps, matches, parseKeys, type KeyInput, type Press } from "./keys.ts";
export { nextRegion } from "./regions.ts";
export { Commands, isField, isOverlay, type Command } from "./registry.ts";
