export { ChooseTime } from "./ChooseTime.tsx";
export { laterItems } from "./laterItems.ts";
export { SnoozeMenu, SnoozeTimes } from "./SnoozeMenu.tsx";
export { localValue, snoozeTimes, type SnoozeTime } from "./times.ts";
export { useTimeNames } from "./useTimeNames.ts";
