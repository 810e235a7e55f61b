import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { classes } from "./classes.ts";
import css from "./controls.module.css";

export type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: "plain" | "quiet" | "primary";
  tone?: "danger";
  compact?: boolean;
  /** Shows a spinner and takes no clicks; keeps the focus. */
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
};

export function Button({
  look = "plain",
  tone,
  compact,
  busy,
  className,
  children,
  type = "button",
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      // oxlint-disable-next-line react/button-has-type -- "button" unless the caller says "submit"
      type={type}
      className={classes(
        css.button,
        look === "quiet" && css.quiet,
        look === "primary" && css.primary,
        tone && css.danger,
        compact && css.compact,
        busy && css.busy,
        className,
      )}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      {...rest}
    >
      {busy && <span className={css.spinner} />}
      {children}
    </button>
  );
}

export type IconButtonProps = Omit<ButtonProps, "children" | "aria-label"> & {
  /** The name for screen readers, and the tooltip. */
  label: string;
  /** Shown in the tooltip, as in a command: "Ctrl+K". */
  keys?: string | undefined;
  children: ReactNode;
};

export function IconButton({ label, keys, className, look = "quiet", ...rest }: IconButtonProps) {
  return (
    <Button
      look={look}
      className={classes(css.icon, className)}
      aria-label={label}
      data-tip={label}
      data-tip-keys={keys}
      {...rest}
    />
  );
}
