export { TasksPane } from "./TasksPane.tsx";
