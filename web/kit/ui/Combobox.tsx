import { useLingui } from "@lingui/react/macro";
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import { classes } from "./classes.ts";
import controls from "./controls.module.css";
import css from "./forms.module.css";
import { Check, ChevronDown } from "./icons.ts";
import { found, placeList, type ComboboxOption } from "./options.ts";
import popups from "./popups.module.css";

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

/** Open: what is typed, null until something is; and which of the shown options the keys are at. */
type Open = { typed: string | null; at: number };

/** A choice among many, found by typing (the combobox pattern of the ARIA practices). */
export function Combobox({ options, value, onChange, end, ...bound }: ComboboxProps) {
  const { t } = useLingui();
  const id = useId();
  const [open, setOpen] = useState<Open | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const popup = useRef<HTMLDivElement>(null);
  const typed = open?.typed ?? null;
  const shown = typed === null ? options : options.filter((option) => found(option, typed));
  const chosen = options.findIndex((option) => option.value === value);
  const isOpen = open !== null;
  const at = open?.at ?? -1;

  useLayoutEffect(() => {
    if (!isOpen || !popup.current || !field.current) return;
    popup.current.showPopover();
    const place = placeList(field.current.getBoundingClientRect(), innerHeight);
    for (const [side, length] of Object.entries(place)) {
      popup.current.style.setProperty(
        side === "maxHeight" ? "max-height" : side,
        length === null ? "auto" : `${length}px`,
      );
    }
  }, [isOpen]);
  useEffect(() => {
    if (at >= 0) document.getElementById(`o${id}${at}`)?.scrollIntoView({ block: "nearest" });
  }, [id, at]);
  useEffect(() => {
    if (!isOpen) return;
    // It would stay where it is while its field moves.
    const close = (event: Event) => {
      if (!(event.target instanceof Node && popup.current?.contains(event.target))) setOpen(null);
    };
    document.addEventListener("scroll", close, true);
    addEventListener("resize", close);
    return () => {
      document.removeEventListener("scroll", close, true);
      removeEventListener("resize", close);
    };
  }, [isOpen]);

  const show = () => setOpen((before) => before ?? { typed: null, at: Math.max(chosen, 0) });
  const pick = (option: ComboboxOption | undefined) => {
    if (option) onChange(option.value);
    setOpen(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return show();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (shown.length > 0) setOpen({ ...open, at: (open.at + step + shown.length) % shown.length });
    } else if (open && (event.key === "Enter" || (event.key === "Tab" && typed !== null))) {
      if (event.key === "Enter") event.preventDefault();
      pick(shown[open.at]);
    } else if (open && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      setOpen(null);
    }
  };

  return (
    <span className={css.combo} data-end={end === undefined || isOpen ? undefined : ""}>
      <input
        {...bound}
        ref={field}
        type="text"
        role="combobox"
        className={controls.input}
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={isOpen ? `l${id}` : undefined}
        aria-activedescendant={isOpen && shown.length > 0 ? `o${id}${at}` : undefined}
        autoComplete="off"
        spellCheck={false}
        value={typed ?? options[chosen]?.label ?? ""}
        onFocus={(event) => event.target.select()}
        onClick={show}
        onBlur={() => setOpen(null)}
        onChange={(event) => setOpen({ typed: event.target.value, at: 0 })}
        onKeyDown={onKeyDown}
      />
      {end !== undefined && !isOpen && <span className={css.comboEnd}>{end}</span>}
      <span className={css.comboOpen}>
        <ChevronDown aria-hidden />
      </span>
      {isOpen && (
        // Keeps the focus in the field.
        <div
          ref={popup}
          popover="manual"
          role="presentation"
          className={classes(popups.popup, css.comboPopup)}
          data-overlay=""
          onMouseDown={(event) => event.preventDefault()}
        >
          {shown.length === 0 && (
            <p className={css.comboEmpty} role="status">
              {t`Nothing fits.`}
            </p>
          )}
          <div id={`l${id}`} role="listbox" aria-label={t`Choices`}>
            {shown.map((option, index) => (
              // The keys are the field's.
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
              <div
                key={option.value}
                id={`o${id}${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={option.value === value}
                className={popups.item}
                data-highlighted={index === at ? "" : undefined}
                onClick={() => pick(option)}
              >
                <span className={popups.tick}>{option.value === value && <Check aria-hidden />}</span>
                <span className="el">{option.label}</span>
                {option.detail !== undefined && <span className={popups.end}>{option.detail}</span>}
              </div>
            ))}
          </div>
        </div>
      )}
    </span>
  );
}
