export { AssignMenu } from "./AssignMenu.tsx";
