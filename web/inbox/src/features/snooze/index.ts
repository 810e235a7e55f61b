export { SnoozeMenu, SnoozeTimes } from "./SnoozeMenu.tsx";
export { localValue } from "./times.ts";
