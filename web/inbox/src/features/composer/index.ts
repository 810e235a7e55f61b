export { Composer } from "./Composer.tsx";
export { forgetDrafts, requestEdit } from "./drafts.ts";
export { ConfirmDialog } from "./ConfirmDialog.tsx";
export { Cost } from "./Cost.tsx";
export { reasonTexts } from "./model.ts";
export { marked, unmarked, type NoteText } from "./mentions.ts";
export { NoteBox, useMentionables } from "./NoteBox.tsx";
