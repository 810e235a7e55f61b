import { useLingui } from "@lingui/react/macro";
import type { Provider } from "@partyline/kit/api";
import { ChoiceCards } from "@partyline/kit/ui";
import { RadioTower } from "@partyline/kit/ui/icons";
import { useState } from "react";
import type { StepProps } from "./parts.ts";
import { StepForm } from "./StepForm.tsx";
import css from "./wizard.module.css";

export function ProviderStep({ draft, send, go, providers }: StepProps & { providers: readonly Provider[] }) {
  const { t } = useLingui();
  const offered = providers.filter(({ kinds }) => draft.kind !== null && kinds.includes(draft.kind));
  const [provider, choose] = useState(draft.provider ?? offered[0]?.name ?? null);
  return (
    <StepForm
      name={t`Provider`}
      next={t`Go on`}
      disabled={provider === null}
      onBack={() => go("kind")}
      onSubmit={(event) => {
        event.preventDefault();
        if (provider === null) return;
        send({ do: "provider", provider });
        go("connect");
      }}
    >
      <h2 id="wizard" tabIndex={-1} className={css.question}>{t`Where is your number?`}</h2>
      <div className={css.choices}>
        <ChoiceCards
          legend={t`Provider`}
          hideLegend
          name="provider"
          value={provider}
          onChange={choose}
          choices={offered.map(({ name, title, fields }) => ({
            value: name,
            label: title,
            hint: t`By ${new Intl.ListFormat(undefined, { type: "conjunction" }).format(fields.filter(({ required }) => required).map(({ label }) => label))}`,
            icon: <RadioTower aria-hidden />,
          }))}
        />
      </div>
    </StepForm>
  );
}
