export { searchPath } from "./address.ts";
export { SearchPage } from "./SearchPage.tsx";
