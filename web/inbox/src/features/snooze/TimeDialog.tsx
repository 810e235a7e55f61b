import { useLingui } from "@lingui/react/macro";
import { useForm } from "@partyline/kit/react";
import { Button, Dialog, TextField } from "@partyline/kit/ui";
import { useState } from "react";
import css from "./snooze.module.css";
import { localValue, snoozeTimes } from "./times.ts";

export type TimeDialogProps = {
  title: string;
  /** What the button says. */
  action: string;
  /** Shown first; tomorrow morning when unsaid. */
  from?: Date;
  /** At most this many ms ahead. */
  most?: number;
  onClose: () => void;
  onChoose: (at: Date) => void;
};

/** Any day and time that is still to come, where the person is. */
export function TimeDialog({ title, action, from, most, onClose, onChoose }: TimeDialogProps) {
  const { t } = useLingui();
  const [now] = useState(() => new Date());
  const first = from ?? snoozeTimes(now).find(({ id }) => id === "tomorrow")?.at ?? now;
  const fault = (at: string): string | null => {
    const ahead = new Date(at).getTime() - Date.now();
    if (!(ahead > 0)) return t`Choose a time that is still to come.`;
    return most !== undefined && ahead > most ? t`Choose a time within a year.` : null;
  };
  const form = useForm({
    initial: { at: localValue(first) },
    check: ({ at }) => ({ at: fault(at) }),
    submit: async ({ at }) => onChoose(new Date(at)),
  });
  return (
    <Dialog title={title} width={360} onClose={onClose}>
      <form {...form.attributes}>
        <TextField
          label={t`Day and time`}
          type="datetime-local"
          min={localValue(now)}
          {...(most === undefined ? {} : { max: localValue(new Date(now.getTime() + most)) })}
          {...form.text("at")}
          data-autofocus
        />
        <div className={css.buttons}>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" look="primary" busy={form.busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
