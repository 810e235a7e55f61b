export { eventSentence } from "./sentences.ts";
export { ThreadPane } from "./ThreadPane.tsx";
