import { useLingui } from "@lingui/react/macro";
import type { Letter } from "@partyline/kit/api";
import { fullWhen } from "@partyline/kit/i18n";
import css from "../settings.module.css";

/** What became of an invitation's letter, in one line. */
export function LetterLine({ letter }: { letter: Letter }) {
  const { t } = useLingui();
  const when = fullWhen(new Date(letter.at));
  const why = letter.reason ?? "";
  return (
    <span className={css.small} data-tone={letter.state === "failed" ? "danger" : undefined}>
      {letter.state === "sent" && t`sent ${when}`}
      {letter.state === "waiting" && (why === "" ? t`is being sent` : t`not sent yet: ${why}`)}
      {letter.state === "failed" && t`not sent: ${why}`}
    </span>
  );
}
