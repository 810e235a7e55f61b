import { useState } from "react";

/** Can this browser show notifications here at all? Only over https, or on this machine. */
export function canAsk(): boolean {
  return "Notification" in window && window.isSecureContext;
}

export type Desktop = "unable" | NotificationPermission;

/** Whether the desktop may show something, and the way to ask: only on somebody's act. */
export function useDesktop(): { desktop: Desktop; ask: () => Promise<void> } {
  const [desktop, setDesktop] = useState<Desktop>(() => (canAsk() ? Notification.permission : "unable"));
  return {
    desktop,
    ask: async () => {
      if (canAsk()) setDesktop(await Notification.requestPermission());
    },
  };
}
