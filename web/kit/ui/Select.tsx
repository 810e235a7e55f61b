import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronDown } from "./icons.ts";
import css from "./popups.module.css";

export type SelectOption<Value extends string> = { value: Value; label: string };

export type SelectProps<Value extends string> = {
  options: readonly SelectOption<Value>[];
  value: Value | null;
  onChange: (value: Value) => void;
  /** The name, where no visible label is tied to `id`. */
  label?: string;
  id?: string;
  placeholder?: string;
  disabled?: boolean;
};

export function Select<Value extends string>({
  options,
  value,
  onChange,
  label,
  id,
  placeholder,
  disabled,
}: SelectProps<Value>) {
  return (
    <Base.Root
      items={options}
      value={value}
      disabled={disabled}
      modal={false}
      onValueChange={(next) => next !== null && onChange(next)}
    >
      <Base.Trigger className={css.select} id={id} aria-label={label}>
        <Base.Value>
          {(current: Value | null) => options.find((option) => option.value === current)?.label ?? placeholder}
        </Base.Value>
        <Base.Icon>
          <ChevronDown aria-hidden />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner className={css.positioner} sideOffset={4} alignItemWithTrigger={false}>
          <Base.Popup className={css.popup} data-overlay="">
            {options.map((option) => (
              <Base.Item key={option.value} value={option.value} className={css.item}>
                <span className={css.tick}>
                  <Base.ItemIndicator>
                    <Check aria-hidden />
                  </Base.ItemIndicator>
                </span>
                <Base.ItemText>{option.label}</Base.ItemText>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
