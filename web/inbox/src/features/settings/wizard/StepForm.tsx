import { useLingui } from "@lingui/react/macro";
import { Button, Kbd } from "@partyline/kit/ui";
import type { FormEvent, ReactNode } from "react";
import css from "./wizard.module.css";

type Props = {
  name: string;
  /** The words on the button that goes on; Enter does the same. */
  next: ReactNode;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  onBack?: (() => void) | undefined;
  busy?: boolean;
  disabled?: boolean;
  /** Said beside the button. */
  note?: ReactNode;
  children: ReactNode;
};

/** A step of the wizard: what it asks, and the way on and back. */
export function StepForm({ name, next, onSubmit, onBack, busy, disabled, note, children }: Props) {
  const { t } = useLingui();
  return (
    <form className={css.step} onSubmit={onSubmit} noValidate aria-label={name} autoComplete="off">
      <div className={css.body}>{children}</div>
      <footer className={css.foot}>
        {onBack && <Button onClick={onBack}>{t`Back`}</Button>}
        <span className={css.note}>{note}</span>
        <Button type="submit" look="primary" busy={busy} disabled={disabled}>
          {next}
          <Kbd keys="Enter" />
        </Button>
      </footer>
    </form>
  );
}
