import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import { Check } from "./icons.ts";
import { Kbd } from "./Kbd.tsx";
import css from "./popups.module.css";

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
  trigger: ReactElement;
  sections: MenuSection[];
  align?: "start" | "end";
  side?: "top" | "bottom";
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
};

export function Menu({ trigger, sections, align = "start", side = "bottom", open, onOpenChange }: MenuProps) {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange && ((next) => onOpenChange(next))} modal={false}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={css.positioner} align={align} side={side} sideOffset={4} collisionPadding={8}>
          <Base.Popup className={css.popup}>
            {sections.map((section, index) => (
              <Base.Group key={section.id}>
                {index > 0 && <Base.Separator className={css.separator} />}
                {section.heading !== undefined && (
                  <Base.GroupLabel className={css.heading}>{section.heading}</Base.GroupLabel>
                )}
                {section.items.map((item) => (
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
                ))}
              </Base.Group>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
