import { useLingui } from "@lingui/react/macro";
import type { Provider, Verification } from "@partyline/kit/api";
import { useApp, useForm, useMe, useTeams } from "@partyline/kit/react";
import { Notice, TextField } from "@partyline/kit/ui";
import { ChevronRight } from "@partyline/kit/ui/icons";
import { CredentialFields, useFieldFaults } from "../channels/CredentialFields.tsx";
import { checkFields, entered, withoutSecrets, type Values } from "../channels/credentials.ts";
import type { StepProps } from "./parts.ts";
import { StepForm } from "./StepForm.tsx";
import css from "./wizard.module.css";

type Props = StepProps & { provider: Provider; keys: Values; onKeys: (keys: Values) => void };

/** Asks for the account's credentials, by the provider's own form, and tries them. */
export function ConnectStep({ draft, send, go, provider, keys, onKeys }: Props) {
  const { t } = useLingui();
  const { client } = useApp();
  const me = useMe();
  const teams = useTeams();
  const faultSentences = useFieldFaults();
  const { fields, title } = provider;
  const ownTeam = teams.find(({ id }) => me?.user.team_ids.includes(id)) ?? teams[0];
  const form = useForm<Record<string, string>>({
    initial: {
      ...Object.fromEntries(fields.map(({ name }) => [name, keys[name] ?? draft.fields[name] ?? ""])),
      api_base_url: draft.apiBaseUrl,
    },
    check: (values) => ({
      ...faultSentences(fields, checkFields(fields, values)),
      api_base_url: isAddress(values.api_base_url ?? "")
        ? null
        : t`Write a whole address, such as https://api.example.com.`,
    }),
    submit: async (values) => {
      const apiBaseUrl = (values.api_base_url ?? "").trim();
      const found = await client.post<Verification>("/connections/verify", {
        provider: provider.name,
        credentials: entered(fields, values),
        ...(apiBaseUrl === "" ? {} : { api_base_url: apiBaseUrl }),
      });
      onKeys(entered(fields, values));
      send({ do: "verified", found, fields: withoutSecrets(fields, values), apiBaseUrl, team: ownTeam?.id ?? null });
      go("numbers");
    },
  });
  const forgotten =
    draft.found !== null && fields.some(({ name, secret, required }) => secret && required && !keys[name]);
  return (
    <StepForm
      name={t`Connect`}
      next={form.busy ? t`Asking ${title}…` : t`Check with ${title}`}
      busy={form.busy}
      onBack={() => go("provider")}
      note={t`Nothing is saved or changed yet.`}
      onSubmit={form.attributes.onSubmit}
    >
      <h2 id="wizard" tabIndex={-1} className={css.question}>{t`Your ${title} account`}</h2>
      <div className={css.narrow}>
        {form.faults.form !== null && (
          <Notice tone="danger" alert title={t`Not connected`}>
            {form.faults.form}
          </Notice>
        )}
        {forgotten && form.faults.form === null && (
          <Notice>{t`Secrets are not kept in the browser, so they have to be entered again.`}</Notice>
        )}
        <CredentialFields fields={fields} bind={form.text} />
        <details
          className={css.advanced}
          open={draft.apiBaseUrl !== "" || form.faults.fields.api_base_url !== undefined || undefined}
        >
          <summary>
            <ChevronRight aria-hidden />
            {t`Advanced`}
          </summary>
          <TextField
            label={t`API address`}
            hint={t`Only for a stand-in of ${title}, such as the simulated carrier. Empty: ${title} itself.`}
            inputMode="url"
            autoComplete="off"
            spellCheck={false}
            placeholder="https://"
            {...form.text("api_base_url")}
          />
        </details>
      </div>
    </StepForm>
  );
}

function isAddress(text: string): boolean {
  return text.trim() === "" || (/^https?:\/\//i.test(text.trim()) && URL.canParse(text.trim()));
}
