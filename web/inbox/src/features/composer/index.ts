export { Composer } from "./Composer.tsx";
export { forgetDrafts, requestEdit } from "./drafts.ts";
export { ConfirmDialog, fetchQuestions } from "./questions.ts";
export { Cost } from "./Cost.tsx";
export { marked, unmarked, type NoteText } from "./mentions.ts";
export { NoteBox, useMentionables } from "./NoteBox.tsx";
export { MOST_FILES, reasonTexts, refuseFile } from "./model.ts";
export { refusalText } from "./useUploads.ts";
