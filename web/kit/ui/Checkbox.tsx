import { useId, type InputHTMLAttributes, type ReactNode } from "react";
import { classes } from "./classes.ts";
import css from "./forms.module.css";

type Props = Omit<InputHTMLAttributes<HTMLInputElement>, "type" | "children" | "onChange"> & {
  checked: boolean;
  onChange: (checked: boolean) => void;
  /** The visible name. Leave it out and give `aria-label` where the name stands elsewhere. */
  children?: ReactNode;
  hint?: ReactNode;
};

export function Checkbox({ children, hint, className, onChange, ...input }: Props) {
  const id = useId();
  const box = (
    <input
      type="checkbox"
      className={css.box}
      aria-describedby={hint === undefined ? undefined : `h${id}`}
      {...input}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
  if (children === undefined) return box;
  return (
    <label className={classes(css.check, className)}>
      {box}
      <span>
        {children}
        {hint !== undefined && (
          <span className={css.boxHint} id={`h${id}`}>
            {hint}
          </span>
        )}
      </span>
    </label>
  );
}
