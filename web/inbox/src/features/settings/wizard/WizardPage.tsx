import { useLingui } from "@lingui/react/macro";
import { useApp, useMay } from "@partyline/kit/react";
import { Button, Notice } from "@partyline/kit/ui";
import { useCallback, useEffect, useState } from "react";
import { Redirect, useLocation } from "wouter";
import type { Values } from "../channels/credentials.ts";
import { NotLoaded, PageHead, Waiting } from "../PageParts.tsx";
import settings from "../settings.module.css";
import { useLoaded } from "../useLoaded.ts";
import { useProviders } from "../useProviders.ts";
import { ConnectStep } from "./ConnectStep.tsx";
import { KindStep } from "./KindStep.tsx";
import { NumbersStep } from "./NumbersStep.tsx";
import { ProviderStep } from "./ProviderStep.tsx";
import { RouteStep } from "./RouteStep.tsx";
import { Stepper } from "./Stepper.tsx";
import { TestStep } from "./TestStep.tsx";
import { useConnecting } from "./useConnecting.ts";
import { useDraft } from "./useDraft.ts";
import css from "./wizard.module.css";
import { CHANNELS, furthest, reachable, STEPS, stepPath, type Step } from "./wizard.ts";

/** Adds a channel, step by step. Each step has an address; what was entered stays while the tab lives, except secrets. */
export function WizardPage({ step: wanted }: { step: string | null }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const may = useMay("channels.manage");
  return (
    <>
      <PageHead
        title={t`Add a channel`}
        back={CHANNELS}
        beside
        actions={<Button look="quiet" className={css.leave} onClick={() => navigate(CHANNELS)}>{t`Leave`}</Button>}
      />
      {may ? (
        <Wizard wanted={wanted} />
      ) : (
        <div className={settings.body}>
          <Notice title={t`Only admins and owners connect numbers`}>{t`Ask one of them.`}</Notice>
        </div>
      )}
    </>
  );
}

function Wizard({ wanted }: { wanted: string | null }) {
  const [, navigate] = useLocation();
  const { loader } = useApp();
  const { draft, send, forget } = useDraft(wanted === null);
  // Only here: a reload forgets them, and nothing writes them down.
  const [keys, setKeys] = useState<Values>({});
  const providers = useProviders();
  const accounts = useLoaded(useCallback(() => loader.connections(), [loader]));
  const provider =
    providers.state === "ready" ? providers.value.find(({ name }) => name === draft.provider) : undefined;
  const connecting = useConnecting(draft, send, provider, keys);
  const step = STEPS.find((one) => one === wanted);
  const go = (to: Step) => navigate(stepPath(to));

  const ready = providers.state === "ready" && accounts.state === "ready";
  // A new step begins at its question.
  useEffect(() => {
    if (ready) document.getElementById("wizard")?.focus();
  }, [step, ready]);

  if (step === undefined || !reachable(draft, step)) return <Redirect to={stepPath(furthest(draft))} replace />;
  if (providers.state === "failed") return <NotLoaded again={providers.again} />;
  if (accounts.state === "failed") return <NotLoaded again={accounts.again} />;
  if (providers.state === "loading" || accounts.state === "loading") return <Waiting />;

  const title = provider?.title ?? draft.provider ?? "";
  const parts = { draft, send, go };
  return (
    <>
      <Stepper step={step} draft={draft} provider={provider?.title} />
      {step === "kind" && <KindStep {...parts} providers={providers.value} />}
      {step === "provider" && <ProviderStep {...parts} providers={providers.value} />}
      {step === "connect" && provider && (
        <ConnectStep key={provider.name} {...parts} provider={provider} keys={keys} onKeys={setKeys} />
      )}
      {step === "numbers" && draft.found && (
        <NumbersStep {...parts} found={draft.found} title={title} connecting={connecting} />
      )}
      {step === "route" && <RouteStep {...parts} connecting={connecting} />}
      {step === "test" && (
        <TestStep
          {...parts}
          title={title}
          onEnd={() => {
            forget();
            navigate(CHANNELS);
          }}
        />
      )}
    </>
  );
}
