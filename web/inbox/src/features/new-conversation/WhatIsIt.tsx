import { Plural, useLingui } from "@lingui/react/macro";
import { ChoiceCards, TextField } from "@partyline/kit/ui";
import { TriangleAlert } from "@partyline/kit/ui/icons";
import css from "./new.module.css";
import { needsSource, type AskedCode, type MessageClass } from "./recipients.ts";

type Props = {
  /** Why the server asks, once for each of them. */
  codes: readonly AskedCode[];
  chosen: MessageClass | null;
  fault: string | undefined;
  source: string;
  sourceFault: string | undefined;
  onChoose: (chosen: MessageClass) => void;
  onSource: (source: string) => void;
};

/** What a message is, for who never wrote or not for a day, and how they agreed to it. */
export function WhatIsIt({ codes, chosen, fault, source, sourceFault, onChoose, onSource }: Props) {
  const { t } = useLingui();
  const fresh = codes.filter((code) => code === "first_contact").length;
  const late = codes.length - fresh;
  return (
    <div className={css.consent} role="alert">
      <TriangleAlert aria-hidden />
      <div>
        {codes.length === 1 ? (
          <b>{fresh === 1 ? t`They have never written to you` : t`They last wrote more than a day ago`}</b>
        ) : (
          <b>
            {fresh > 0 && (
              <Plural value={fresh} one="# has never written to you." other="# have never written to you." />
            )}
            {fresh > 0 && late > 0 && " "}
            {late > 0 && (
              <Plural value={late} one="# last wrote more than a day ago." other="# last wrote more than a day ago." />
            )}
          </b>
        )}
        <ChoiceCards<MessageClass>
          legend={t`What is it?`}
          stacked
          name="class"
          value={chosen}
          onChange={onChoose}
          choices={[
            {
              value: "update",
              label: t`An update they asked for`,
              hint: t`A reminder, a confirmation, how something stands`,
            },
            { value: "reply", label: t`An answer`, hint: t`It answers what they asked` },
            { value: "marketing", label: t`Marketing`, hint: t`It sells something: only for who agreed in writing` },
          ]}
        />
        {fault !== undefined && <p className={css.fault}>{fault}</p>}
        {needsSource(chosen, codes) && (
          <TextField
            label={t`How did they agree to texts?`}
            placeholder={t`Asked us by phone today`}
            value={source}
            fault={sourceFault}
            onChange={(event) => onSource(event.target.value)}
            autoFocus
          />
        )}
      </div>
    </div>
  );
}
