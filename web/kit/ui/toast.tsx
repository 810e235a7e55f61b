import { useEffect, useRef, useSyncExternalStore } from "react";
import { Kbd } from "./Kbd.tsx";
import css from "./popups.module.css";

export type Toast = {
  /** A newer toast with the same id takes its place. */
  id: string;
  text: string;
  tone?: "danger";
  action?: { label: string; keys?: string; run: () => void };
  /** ms; errors stay longer because they ask for something. */
  duration?: number;
};

const DURATION_MS = 5_000;
const DANGER_DURATION_MS = 10_000;
/** More would cover the thread. */
const MOST = 3;

let shown: readonly Toast[] = [];
const listeners = new Set<() => void>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();

function set(next: readonly Toast[]) {
  shown = next;
  for (const listener of listeners) listener();
}

export function dismissToast(id: string): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  if (shown.some((toast) => toast.id === id)) set(shown.filter((toast) => toast.id !== id));
}

export function showToast(toast: Toast): void {
  clearTimeout(timers.get(toast.id));
  set([...shown.filter(({ id }) => id !== toast.id), toast].slice(-MOST));
  const duration = toast.duration ?? (toast.tone === "danger" ? DANGER_DURATION_MS : DURATION_MS);
  timers.set(
    toast.id,
    setTimeout(() => dismissToast(toast.id), duration),
  );
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Where toasts appear; once per app. They are said by a live region. */
export function Toasts() {
  const toasts = useSyncExternalStore(subscribe, () => shown);
  const element = useRef<HTMLDivElement>(null);
  // A popover is in the top layer, so that toasts also show above an open dialog.
  useEffect(() => {
    const box = element.current;
    const open = box?.matches(":popover-open") ?? false;
    if (toasts.length > 0 && !open) box?.showPopover();
    if (toasts.length === 0 && open) box?.hidePopover();
  }, [toasts]);
  return (
    <div ref={element} popover="manual" className={css.toasts} role="status" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id} className={css.toast} data-tone={toast.tone}>
          <p>{toast.text}</p>
          {toast.action && (
            <button
              type="button"
              onClick={() => {
                dismissToast(toast.id);
                toast.action?.run();
              }}
            >
              {toast.action.label}
              {toast.action.keys && <Kbd keys={toast.action.keys} />}
            </button>
          )}
        </div>
      ))}
    </div>
  );
}
