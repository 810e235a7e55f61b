export { SnoozeMenu, SnoozeTimes } from "./SnoozeMenu.tsx";
