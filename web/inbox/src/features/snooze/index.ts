export { SnoozeMenu } from "./SnoozeMenu.tsx";
