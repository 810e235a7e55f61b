export { ListPane, type Tabs } from "./ListPane.tsx";
export { default as listedCss } from "./listed.module.css";
export { useListed, type Listed } from "./useListed.ts";
export { useRowKeys } from "./useRowKeys.ts";
