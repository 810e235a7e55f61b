import { useLingui } from "@lingui/react/macro";
import type { Channel } from "@partyline/kit/api";
import { readableNumber } from "@partyline/kit/i18n";
import { useApp, useChannels, useForm, useTeams } from "@partyline/kit/react";
import { Button, Field, Notice, Spinner, TextField } from "@partyline/kit/ui";
import { CircleAlert, CircleCheck, CircleDashed } from "@partyline/kit/ui/icons";
import { TeamSelect } from "../channels/TeamSelect.tsx";
import settings from "../settings.module.css";
import type { StepProps } from "./parts.ts";
import { StepForm } from "./StepForm.tsx";
import type { Connecting } from "./useConnecting.ts";
import css from "./wizard.module.css";
import type { Outcome, Plan } from "./wizard.ts";

type Props = StepProps & { connecting: Connecting };

/** How connecting goes, number by number, and what the team calls each and where it goes. */
export function RouteStep({ draft, send, go, connecting }: Props) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const channels = useChannels();
  const outcomes = Object.entries(draft.outcomes);
  const connected = outcomes.flatMap(([address, outcome]) =>
    outcome.state === "connected" ? [{ address, id: outcome.channel }] : [],
  );
  const form = useForm({
    initial: {},
    check: () =>
      Object.fromEntries(
        connected.map(({ address }) => [
          address,
          draft.plans[address]?.name.trim() === "" ? t`Write what the team calls this number.` : null,
        ]),
      ),
    submit: async () => {
      for (const { address, id } of connected) {
        const plan = draft.plans[address];
        const channel = channels.find((one) => one.id === id);
        if (
          plan === undefined ||
          channel === undefined ||
          (plan.name === channel.name && plan.team === channel.team_id)
        )
          continue;
        desk.putRow(
          "channels",
          await client.patch<Channel>(`/channels/${id}`, { name: plan.name, team_id: plan.team }),
        );
      }
      go("test");
    },
  });
  return (
    <StepForm
      name={t`Route`}
      next={t`Go on to the test`}
      busy={connecting.busy || form.busy}
      disabled={connected.length === 0 && !connecting.busy}
      onBack={connecting.busy ? undefined : () => go("numbers")}
      note={connecting.busy ? t`Stay on this page until the numbers are connected.` : undefined}
      onSubmit={form.attributes.onSubmit}
    >
      <div>
        <h2 id="wizard" tabIndex={-1} className={css.question}>{t`What are they called, and where do they go?`}</h2>
        <p className={css.lead}>{t`The team sees the name beside every text. All of it can be changed later.`}</p>
      </div>
      {form.faults.form !== null && (
        <Notice tone="danger" alert>
          {form.faults.form}
        </Notice>
      )}
      {connecting.needsKeys && connected.length < outcomes.length && !connecting.busy && (
        <Notice
          tone="warn"
          title={t`The account is not connected yet`}
          actions={<Button compact onClick={() => go("connect")}>{t`Enter the secrets again`}</Button>}
        >
          {t`Secrets are not kept in the browser, and this page was loaded anew.`}
        </Notice>
      )}
      <ul className={css.routes}>
        {outcomes.map(([address, outcome]) => (
          <Route
            key={address}
            address={address}
            outcome={outcome}
            plan={draft.plans[address]}
            fault={form.faults.fields[address] ?? null}
            onPlan={(change) => send({ do: "plan", address, change })}
            onRetry={connecting.needsKeys || connecting.busy ? undefined : () => connecting.run([address])}
          />
        ))}
      </ul>
    </StepForm>
  );
}

type RouteProps = {
  address: string;
  outcome: Outcome;
  plan: Plan | undefined;
  fault: string | null;
  onPlan: (change: Partial<Plan>) => void;
  onRetry: (() => void) | undefined;
};

function Route({ address, outcome, plan, fault, onPlan, onRetry }: RouteProps) {
  const { t } = useLingui();
  const teams = useTeams();
  const readable = readableNumber(address);
  return (
    <li className={settings.card}>
      <div className={css.routeHead} role="status">
        <b className="num">{readable}</b>
        {outcome.state === "connecting" && (
          <span className={css.outcome}>
            <Spinner />
            {t`connecting…`}
          </span>
        )}
        {outcome.state === "connected" && (
          <span className={css.outcome} data-tone="ok">
            <CircleCheck aria-hidden />
            {t`connected`}
          </span>
        )}
        {outcome.state === "failed" && (
          <span className={css.outcome} data-tone={outcome.reason === null ? "warn" : "danger"}>
            {outcome.reason === null ? <CircleDashed aria-hidden /> : <CircleAlert aria-hidden />}
            {outcome.reason ?? t`not connected; the page was left meanwhile`}
          </span>
        )}
        {outcome.state === "failed" && onRetry && (
          <Button compact aria-label={t`Try again, ${readable}`} onClick={onRetry}>{t`Try again`}</Button>
        )}
      </div>
      {outcome.state === "connected" && plan !== undefined && (
        <div className={settings.pair}>
          <TextField
            label={t`Name`}
            autoComplete="off"
            value={plan.name}
            fault={fault}
            onChange={(event) => onPlan({ name: event.target.value })}
          />
          <Field label={t`Goes to`}>
            {({ id }) => (
              <TeamSelect id={id} teams={teams} value={plan.team} none onChange={(team) => onPlan({ team })} />
            )}
          </Field>
        </div>
      )}
    </li>
  );
}
