export { DraftsPane } from "./DraftsPane.tsx";
