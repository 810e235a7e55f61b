import { useLingui } from "@lingui/react/macro";
import {
  useId,
  useState,
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type TextareaHTMLAttributes,
} from "react";
import { IconButton } from "./Button.tsx";
import { classes } from "./classes.ts";
import css from "./controls.module.css";
import { CircleAlert, Eye, EyeOff } from "./icons.ts";

type Around = {
  label: string;
  hint?: ReactNode;
  /** What is wrong, in plain words; takes the hint's place. */
  fault?: string | null | undefined;
};
type Bound = { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean | undefined };

/** A label, a control and a line of help or fault beneath. `children` gets the attributes that tie them together. */
export function Field({ label, hint, fault, children }: Around & { children: (bound: Bound) => ReactNode }) {
  const id = useId();
  const line = fault ?? hint;
  const bound: Bound = {
    id: `f${id}`,
    "aria-describedby": line ? `h${id}` : undefined,
    "aria-invalid": fault ? true : undefined,
  };
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={bound.id}>
        {label}
      </label>
      {children(bound)}
      {line && (
        <span id={`h${id}`} className={fault ? css.fault : css.hint} role={fault ? "alert" : undefined}>
          {fault && <CircleAlert aria-hidden />}
          {line}
        </span>
      )}
    </div>
  );
}

export function TextField({
  label,
  hint,
  fault,
  className,
  ...input
}: Around & InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(bound) => <input type="text" className={classes(css.input, className)} {...bound} {...input} />}
    </Field>
  );
}

export function TextArea({
  label,
  hint,
  fault,
  className,
  ...input
}: Around & TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> }) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(bound) => <textarea className={classes(css.input, className)} {...bound} {...input} />}
    </Field>
  );
}

/** A secret that can be shown while it is typed. */
export function PasswordField({
  label,
  hint,
  fault,
  ...input
}: Around & InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }) {
  const { t } = useLingui();
  const [shown, setShown] = useState(false);
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(bound) => (
        <span className={css.reveal}>
          <input
            {...bound}
            {...input}
            type={shown ? "text" : "password"}
            className={css.input}
            spellCheck={false}
            autoCapitalize="off"
          />
          <IconButton label={shown ? t`Hide` : t`Show`} aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
          </IconButton>
        </span>
      )}
    </Field>
  );
}

/** An on-off switch. Give it a name by `label`, or tie a visible one with `aria-labelledby`. */
export function Switch({
  checked,
  onChange,
  label,
  labelledBy,
  disabled,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label?: string;
  labelledBy?: string;
  disabled?: boolean;
}) {
  return (
    <button
      type="button"
      role="switch"
      className={css.switch}
      aria-checked={checked}
      aria-label={label}
      aria-labelledby={labelledBy}
      disabled={disabled}
      onClick={() => onChange(!checked)}
    />
  );
}
