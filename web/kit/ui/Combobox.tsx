import { Combobox as Base } from "@base-ui/react/combobox";
import { useLingui } from "@lingui/react/macro";
import { classes } from "./classes.ts";
import controls from "./controls.module.css";
import css from "./forms.module.css";
import { Check, ChevronDown } from "./icons.ts";
import popups from "./popups.module.css";

export type ComboboxOption = {
  value: string;
  label: string;
  /** Said after the label, quietly. */
  detail?: string;
  /** More words that find it. */
  also?: string;
};

export type ComboboxProps = {
  options: readonly ComboboxOption[];
  value: string | null;
  onChange: (value: string) => void;
  /** Shown at the end of the field. */
  end?: string | undefined;
  id?: string;
  "aria-describedby"?: string | undefined;
  "aria-invalid"?: boolean | undefined;
};

/** More than the eye takes in; typing narrows it. */
const MOST_SHOWN = 100;

function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Whether every word of the query begins a word of the option. */
function found(option: ComboboxOption, query: string): boolean {
  const words = folded(`${option.label} ${option.detail ?? ""} ${option.also ?? ""}`).split(/[^\p{L}\p{N}+:-]+/u);
  return folded(query)
    .split(/\s+/)
    .every((part) => words.some((word) => word.startsWith(part)));
}

/** A choice among many, found by typing. */
export function Combobox({ options, value, onChange, end, ...input }: ComboboxProps) {
  const { t } = useLingui();
  const chosen = options.find((option) => option.value === value) ?? null;
  return (
    <Base.Root
      items={options}
      value={chosen}
      onValueChange={(next) => next !== null && onChange(next.value)}
      isItemEqualToValue={(a, b) => a.value === b.value}
      filter={(option, query) => found(option, query)}
      limit={MOST_SHOWN}
      autoHighlight
    >
      <span className={css.combo} data-end={end === undefined ? undefined : ""}>
        <Base.Input
          {...input}
          className={classes(controls.input)}
          spellCheck={false}
          onFocus={(event) => event.target.select()}
        />
        {end !== undefined && <span className={css.comboEnd}>{end}</span>}
        <Base.Trigger className={css.comboOpen} aria-label={t`Open the list`} tabIndex={-1}>
          <ChevronDown aria-hidden />
        </Base.Trigger>
      </span>
      <Base.Portal>
        <Base.Positioner className={popups.positioner} sideOffset={4}>
          <Base.Popup className={classes(popups.popup, css.comboPopup)} data-overlay="">
            <Base.Empty className={css.comboEmpty}>{t`Nothing fits.`}</Base.Empty>
            <Base.List className={css.comboList}>
              {(option: ComboboxOption) => (
                <Base.Item key={option.value} value={option} className={popups.item}>
                  <span className={popups.tick}>
                    <Base.ItemIndicator>
                      <Check aria-hidden />
                    </Base.ItemIndicator>
                  </span>
                  <span className="el">{option.label}</span>
                  {option.detail !== undefined && <span className={popups.end}>{option.detail}</span>}
                </Base.Item>
              )}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
