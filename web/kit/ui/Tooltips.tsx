import { useEffect, useRef, useState } from "react";
import { Kbd } from "./Kbd.tsx";
import css from "./popups.module.css";

const DELAY_MS = 400;
const GAP = 6;
const MARGIN = 4;

type Tip = { text: string; keys: string | undefined; anchor: HTMLElement };

/**
 * One tooltip for the whole app: any element with `data-tip` (and `data-tip-keys`) gets it on hover and on keyboard focus.
 * It repeats a name that the element already has, so it is hidden from screen readers.
 */
export function Tooltips() {
  const [tip, setTip] = useState<Tip | null>(null);
  const element = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hide = () => {
      clearTimeout(timer);
      setTip(null);
    };
    const show = (target: EventTarget | null, delay: number) => {
      clearTimeout(timer);
      const anchor = target instanceof Element ? target.closest<HTMLElement>("[data-tip]") : null;
      if (!anchor?.dataset.tip) return setTip(null);
      const next = { text: anchor.dataset.tip, keys: anchor.dataset.tipKeys, anchor };
      timer = setTimeout(() => anchor.isConnected && setTip(next), delay);
    };
    const over = (event: PointerEvent) => event.pointerType === "mouse" && show(event.target, DELAY_MS);
    const focus = (event: FocusEvent) =>
      event.target instanceof Element && event.target.matches(":focus-visible") && show(event.target, 0);
    document.addEventListener("pointerover", over);
    document.addEventListener("focusin", focus);
    for (const name of ["pointerdown", "focusout", "keydown", "wheel"] as const)
      document.addEventListener(name, hide, { passive: true });
    return () => {
      hide();
      document.removeEventListener("pointerover", over);
      document.removeEventListener("focusin", focus);
      for (const name of ["pointerdown", "focusout", "keydown", "wheel"] as const)
        document.removeEventListener(name, hide);
    };
  }, []);

  useEffect(() => {
    const box = element.current;
    if (!tip || !box) return;
    box.showPopover();
    const at = tip.anchor.getBoundingClientRect();
    const below = at.bottom + GAP + box.offsetHeight + MARGIN < innerHeight;
    const left = at.left + at.width / 2 - box.offsetWidth / 2;
    box.style.left = `${Math.max(MARGIN, Math.min(left, innerWidth - box.offsetWidth - MARGIN))}px`;
    box.style.top = `${below ? at.bottom + GAP : at.top - GAP - box.offsetHeight}px`;
  }, [tip]);

  return tip ? (
    <div ref={element} popover="manual" className={css.tip} aria-hidden="true">
      {tip.text}
      {tip.keys && <Kbd keys={tip.keys} />}
    </div>
  ) : null;
}
