import { useLingui } from "@lingui/react/macro";
import type { ChannelKind, Provider } from "@partyline/kit/api";
import { ChoiceCards, type Choice } from "@partyline/kit/ui";
import { MessageSquare } from "@partyline/kit/ui/icons";
import { useState } from "react";
import type { StepProps } from "./parts.ts";
import { StepForm } from "./StepForm.tsx";
import css from "./wizard.module.css";

/** What passes through the new channel: every kind that some provider here offers. */
export function KindStep({ draft, send, go, providers }: StepProps & { providers: readonly Provider[] }) {
  const { t } = useLingui();
  const all: Record<ChannelKind, Choice<ChannelKind>> = {
    sms: {
      value: "sms",
      label: t`Texts`,
      hint: t`SMS and pictures, to and from a phone number`,
      icon: <MessageSquare aria-hidden />,
    },
  };
  const offered = [...new Set(providers.flatMap(({ kinds }) => kinds))];
  const [kind, choose] = useState<ChannelKind | null>(draft.kind ?? offered[0] ?? null);
  return (
    <StepForm
      name={t`Kind`}
      next={t`Go on`}
      disabled={kind === null}
      onSubmit={(event) => {
        event.preventDefault();
        if (kind === null) return;
        send({ do: "kind", kind });
        go("provider");
      }}
    >
      <h2 id="wizard" tabIndex={-1} className={css.question}>{t`What should come into the inbox?`}</h2>
      <div className={css.choices}>
        <ChoiceCards
          legend={t`Kind`}
          hideLegend
          name="kind"
          value={kind}
          onChange={choose}
          choices={offered.map((one) => all[one])}
        />
      </div>
    </StepForm>
  );
}
