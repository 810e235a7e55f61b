export { canAsk, useDesktop } from "./desktop.ts";
export { NotificationsPane } from "./NotificationsPane.tsx";
export { Notifier } from "./Notifier.tsx";
export { type Push, pushState, subscribe, unsubscribe } from "./push.ts";
