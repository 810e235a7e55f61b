import type { Id } from "@partyline/kit/api";
import { useEffect, useRef, type MouseEvent, type PointerEvent } from "react";

/** How long a finger rests until that means something, in ms. */
const LONG_MS = 450;
/** A finger that moves further, in px, scrolls. */
const STILL_PX = 10;

const ROW = "row-";

/** A finger that rests on a row: handlers for what the rows stand in. */
export function useLongPress(onLong: (id: Id) => void) {
  const press = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number } | null>(null);
  /** The finger that is down has been understood: what comes of it when it goes up means nothing. */
  const taken = useRef(false);
  const end = () => {
    clearTimeout(press.current?.timer);
    press.current = null;
  };
  useEffect(() => end, []);
  return {
    onPointerDown(event: PointerEvent): void {
      end();
      taken.current = false;
      if (event.pointerType !== "touch" || !(event.target instanceof Element)) return;
      const row = event.target.closest(`[id^="${ROW}"]`);
      if (!row) return;
      const timer = setTimeout(() => {
        press.current = null;
        taken.current = true;
        onLong(row.id.slice(ROW.length));
      }, LONG_MS);
      press.current = { timer, x: event.clientX, y: event.clientY };
    },
    onPointerMove({ clientX, clientY }: PointerEvent): void {
      const { x, y } = press.current ?? { x: clientX, y: clientY };
      if (Math.hypot(clientX - x, clientY - y) > STILL_PX) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    /** The finger that goes up after it opens nothing. */
    onClickCapture(event: MouseEvent): void {
      if (taken.current) event.stopPropagation();
      taken.current = false;
    },
    /** Nor does the browser offer its own. */
    onContextMenu(event: MouseEvent): void {
      if (taken.current || press.current) event.preventDefault();
    },
  };
}
