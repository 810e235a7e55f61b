import { useLingui } from "@lingui/react/macro";
import type { LabelColour } from "@partyline/kit/api";
import { LabelDot } from "../../labels/index.ts";
import css from "./labels.module.css";

type Props = { value: LabelColour; disabled: boolean; onChange: (colour: LabelColour) => void };

/** One of the colours that a label can have. */
export function ColourField({ value, disabled, onChange }: Props) {
  const { t } = useLingui();
  const names: Record<LabelColour, string> = {
    red: t`Red`,
    orange: t`Orange`,
    yellow: t`Yellow`,
    green: t`Green`,
    teal: t`Teal`,
    blue: t`Blue`,
    purple: t`Purple`,
    pink: t`Pink`,
    grey: t`Grey`,
  };
  return (
    <fieldset className={css.colours} disabled={disabled}>
      <legend>{t`Colour`}</legend>
      {(Object.keys(names) as LabelColour[]).map((colour) => (
        <label key={colour} className={css.colour}>
          <input
            type="radio"
            name="colour"
            className="sr"
            checked={colour === value}
            onChange={() => onChange(colour)}
          />
          <LabelDot colour={colour} />
          {names[colour]}
        </label>
      ))}
    </fieldset>
  );
}
