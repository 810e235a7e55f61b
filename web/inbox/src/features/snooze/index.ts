export { SnoozeMenu } from "./SnoozeMenu.tsx";
export { localValue } from "./times.ts";
