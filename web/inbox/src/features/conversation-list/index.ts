export { ConversationList, fetchBulkBar } from "./ConversationList.tsx";
