import { useLingui } from "@lingui/react/macro";
import { Button, Dialog, DialogGap, Kbd } from "@partyline/kit/ui";
import { TriangleAlert } from "@partyline/kit/ui/icons";
import type { RefObject } from "react";
import css from "./composer.module.css";
import type { Question } from "./useSend.ts";

type Props = {
  question: Pick<Question, "code" | "detail" | "reasons">;
  /** Where the writing goes on. */
  box: RefObject<HTMLElement | null>;
  onBack: () => void;
  onSend: () => void;
};

/** A send that needs a person's word: why the server asks, and the two ways on. */
export function ConfirmDialog({ question, box, onBack, onSend }: Props) {
  const { t } = useLingui();
  const first = question.code === "first_contact";
  const reasons = question.reasons.filter((reason) => first || reason !== question.detail);
  return (
    <Dialog
      title={first ? t`They have never written to you` : t`Are you sure?`}
      lead={
        first
          ? t`A text to somebody who did not ask for it needs their consent. What you say here is recorded.`
          : question.detail
      }
      mark={<TriangleAlert aria-hidden className={css.warn} />}
      onClose={onBack}
      focusAfter={box}
      actions={
        <>
          <DialogGap />
          <Button onClick={onSend}>{first ? t`They agreed, send it` : t`Send anyway`}</Button>
          <Button look="primary" onClick={onBack} data-autofocus>
            {t`Back to the text`} <Kbd keys="Enter" />
          </Button>
        </>
      }
    >
      {reasons.length > 0 && (
        <ul className={css.reasons}>
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
