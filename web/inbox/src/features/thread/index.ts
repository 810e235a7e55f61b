export { plainWords } from "./markdown.ts";
export { eventSentence } from "./sentences.ts";
export { Due } from "./TaskLine.tsx";
export { ThreadPane } from "./ThreadPane.tsx";
export { useNoteActions } from "./useNoteActions.ts";
