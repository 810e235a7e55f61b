export { assignable, AssignMenu } from "./AssignMenu.tsx";
