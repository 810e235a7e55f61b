export { Composer } from "./Composer.tsx";
export { forgetDrafts, requestEdit } from "./drafts.ts";
export { ConfirmDialog } from "./ConfirmDialog.tsx";
export { Cost } from "./Cost.tsx";
export { reasonTexts } from "./model.ts";
