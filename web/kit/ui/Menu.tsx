import {
  cloneElement,
  Suspense,
  useId,
  useRef,
  useState,
  type HTMLAttributes,
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
  type ReactNode,
  type Ref,
} from "react";
import { lately } from "../react/lately.tsx";

export type MenuItem = {
  id: string;
  label: ReactNode;
  icon?: ReactNode;
  keys?: string | undefined;
  /** Said after the label, quietly. */
  detail?: ReactNode;
  /** Draws a tick, or room for one. */
  checked?: boolean;
  tone?: "danger";
  disabled?: boolean;
  onSelect: () => void;
};
export type MenuSection = { id: string; heading?: string; items: MenuItem[] };

export type MenuProps = {
  /** The button that opens it. */
  trigger: ReactElement<HTMLAttributes<HTMLElement> & { ref?: Ref<HTMLButtonElement> }>;
  sections: MenuSection[];
  align?: "start" | "end";
  side?: "top" | "bottom";
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
};

const { Lately: MenuPopup, fetch: fetchMenus } = lately(async () => (await import("./MenuPopup.tsx")).MenuPopup);
/** Brings what menus are made of, ahead of the first that is opened. */
export { fetchMenus };

export function Menu({ trigger, sections, align = "start", side = "bottom", open: asked, onOpenChange }: MenuProps) {
  const ownId = useId();
  const anchor = useRef<HTMLButtonElement>(null);
  const [own, setOwn] = useState(false);
  const [byPointer, setByPointer] = useState(false);
  const open = asked ?? own;
  // It stays once it was open, so that it can leave in its own time and give the focus back.
  const [used, setUsed] = useState(open);
  if (open && !used) setUsed(true);

  const id = trigger.props.id ?? ownId;
  const change = (next: boolean) => {
    setOwn(next);
    if (!next) setByPointer(false);
    onOpenChange?.(next);
  };
  return (
    <>
      {cloneElement(trigger, {
        id,
        ref: anchor,
        "aria-haspopup": "menu",
        "aria-expanded": open,
        onPointerEnter: () => void fetchMenus(),
        onClick: (event: MouseEvent) => {
          // A click without a pointer comes from Enter or the space bar.
          setByPointer(event.detail > 0);
          change(!open);
        },
        onKeyDown: (event: KeyboardEvent) => {
          if (open || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
          event.preventDefault();
          change(true);
        },
        ...(open ? { "data-popup-open": "" } : {}),
      })}
      {used && (
        <Suspense fallback={null}>
          <MenuPopup
            sections={sections}
            align={align}
            side={side}
            open={open}
            onClose={() => change(false)}
            anchor={anchor}
            anchorId={id}
            byKey={!byPointer}
          />
        </Suspense>
      )}
    </>
  );
}
