export { SentPane } from "./SentPane.tsx";
