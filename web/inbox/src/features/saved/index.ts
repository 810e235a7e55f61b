export { inOrder, pinnedFor } from "./model.ts";
export { SavedMenu } from "./SavedMenu.tsx";
