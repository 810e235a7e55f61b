import { useLingui } from "@lingui/react/macro";
import { Button, Kbd } from "@partyline/kit/ui";
import { useId, type FormEvent, type ReactNode } from "react";
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
  /** What stands below the question and has forms of its own: a form inside a form is none. */
  below?: ReactNode;
  children: ReactNode;
};

/** A step of the wizard: what it asks, and the way on and back. */
export function StepForm({ name, next, onSubmit, onBack, busy, disabled, note, below, children }: Props) {
  const { t } = useLingui();
  const form = useId();
  return (
    <div className={css.step}>
      <div className={css.body}>
        <form id={form} className={css.fields} onSubmit={onSubmit} noValidate aria-label={name} autoComplete="off">
          {children}
        </form>
        {below}
      </div>
      <footer className={css.foot}>
        {onBack && <Button onClick={onBack}>{t`Back`}</Button>}
        <span className={css.note}>{note}</span>
        <Button type="submit" form={form} look="primary" busy={busy} disabled={disabled}>
          {next}
          <Kbd keys="Enter" />
        </Button>
      </footer>
    </div>
  );
}
