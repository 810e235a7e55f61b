import { Menu as Base } from "@base-ui/react/menu";
import type { RefObject } from "react";
import { Check } from "./icons.ts";
import { Kbd } from "./Kbd.tsx";
import type { MenuProps } from "./Menu.tsx";
import css from "./popups.module.css";

type Props = Pick<MenuProps, "sections" | "align" | "side"> & {
  open: boolean;
  onClose: () => void;
  /** The button that opens it, and its id. */
  anchor: RefObject<HTMLElement | null>;
  anchorId: string;
  focusAfter: RefObject<HTMLElement | null>;
  /** Opened by a key: the first item has the focus. */
  byKey: boolean;
};

/** What a menu shows. It is a chunk of its own: nothing on the first screen needs it. */
export function MenuPopup({ sections, align, side, open, onClose, anchor, anchorId, focusAfter, byKey }: Props) {
  return (
    <Base.Root
      open={open}
      modal={false}
      onOpenChange={(next, { event }) => {
        if (next) return;
        // A press on the button is the button's business: it would open again what closes here.
        const to = "relatedTarget" in event ? event.relatedTarget : null;
        const pressed = [event.type === "focusout" ? null : event.target, to].some(
          (target) => target instanceof Node && anchor.current?.contains(target),
        );
        if (!pressed) onClose();
      }}
    >
      <Base.Portal>
        <Base.Positioner
          className={css.positioner}
          anchor={anchor}
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
        >
          <Base.Popup
            className={css.popup}
            aria-labelledby={anchorId}
            finalFocus={focusAfter}
            onKeyDown={(event) => {
              if (event.key !== "Tab") return;
              event.preventDefault();
              onClose();
            }}
            onFocus={({ target, currentTarget }) => {
              if (byKey && target === currentTarget)
                currentTarget.querySelector<HTMLElement>('[role^="menuitem"]')?.focus();
            }}
          >
            {sections.map((section, index) => (
              <Base.Group key={section.id}>
                {index > 0 && <Base.Separator className={css.separator} />}
                {section.heading !== undefined && (
                  <Base.GroupLabel className={css.heading}>{section.heading}</Base.GroupLabel>
                )}
                {section.items.map((item) =>
                  item.stays ? (
                    <Base.CheckboxItem
                      key={item.id}
                      className={css.item}
                      checked={item.checked === true}
                      disabled={item.disabled}
                      onCheckedChange={item.onSelect}
                    >
                      <span className={css.tick}>{item.checked && <Check aria-hidden />}</span>
                      <span className="el">{item.label}</span>
                    </Base.CheckboxItem>
                  ) : (
                    <Base.Item
                      key={item.id}
                      className={css.item}
                      data-tone={item.tone}
                      disabled={item.disabled}
                      onClick={item.onSelect}
                    >
                      {item.checked !== undefined && (
                        <span className={css.tick}>{item.checked && <Check aria-label="✓" />}</span>
                      )}
                      {item.icon}
                      <span className="el">{item.label}</span>
                      {(item.detail !== undefined || item.keys) && (
                        <span className={css.end}>
                          {item.detail}
                          {item.keys && <Kbd keys={item.keys} />}
                        </span>
                      )}
                    </Base.Item>
                  ),
                )}
              </Base.Group>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
