export { Palette } from "./Palette.tsx";
export { ShortcutHelp } from "./ShortcutHelp.tsx";
