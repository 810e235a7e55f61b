export { canAsk, useDesktop } from "./desktop.ts";
export { canPush, isPushed, subscribe, unsubscribe } from "./push.ts";
export { NotificationsPane } from "./NotificationsPane.tsx";
export { Notifier } from "./Notifier.tsx";
