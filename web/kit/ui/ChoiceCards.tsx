import type { ReactNode } from "react";
import css from "./forms.module.css";

export type Choice<Value extends string> = { value: Value; label: ReactNode; hint?: ReactNode; icon?: ReactNode };

type Props<Value extends string> = {
  /** The name of the question. */
  legend: string;
  /** The name stands elsewhere on the page already. */
  hideLegend?: boolean;
  /** One below the other. */
  stacked?: boolean;
  name: string;
  choices: readonly Choice<Value>[];
  value: Value | null;
  onChange: (value: Value) => void;
};

/** One of a few, each a card that says what it means. Radio buttons underneath: arrows move, Enter submits the form. */
export function ChoiceCards<Value extends string>({
  legend,
  hideLegend,
  stacked,
  name,
  choices,
  value,
  onChange,
}: Props<Value>) {
  return (
    <fieldset className={css.cards} data-stacked={stacked || undefined}>
      <legend className={hideLegend ? "sr" : css.cardsLegend}>{legend}</legend>
      {choices.map((choice) => (
        <label key={choice.value} className={css.choice}>
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
          {choice.icon}
          <span className={css.choiceText}>
            <b>{choice.label}</b>
            {choice.hint !== undefined && <span className={css.choiceHint}>{choice.hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
