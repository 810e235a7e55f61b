import { Trans, useLingui } from "@lingui/react/macro";
import type { Me, Named, Setup } from "@partyline/kit/api";
import { useApp, useForm } from "@partyline/kit/react";
import { Button, ChoiceCards, Mark, Notice, PasswordField, TextField } from "@partyline/kit/ui";
import { Building, Server } from "@partyline/kit/ui/icons";
import { useEffect, useState } from "react";
import { Link, Redirect } from "wouter";
import { PoleDrawing } from "./PoleDrawing.tsx";
import css from "./SignInPage.module.css";
import { minutesAndSeconds, refusalOf } from "./signIn.ts";
import { useCountdown } from "./useCountdown.ts";

export function SignInPage() {
  const { t } = useLingui();
  const { client } = useApp();
  const [setup, setSetup] = useState<Setup | null>(null);
  useEffect(() => {
    // Only the name and the version come from it; the form works without.
    client.get<Setup>("/setup").then(
      ({ data }) => setSetup(data),
      () => undefined,
    );
  }, [client]);
  useEffect(() => {
    document.title = setup?.workspace_name ? t`Sign in · ${setup.workspace_name}` : t`Sign in`;
  }, [setup, t]);

  if (setup?.needed) return <Redirect to="/setup" replace />;
  return (
    <div className={css.page}>
      <main className={css.side}>
        <div className={css.brand}>
          <Mark size={24} />
          <span>{t`Partyline`}</span>
        </div>
        <SignInForm workspace={setup?.workspace_name ?? null} />
        <p className={css.foot}>
          <span>
            <Server aria-hidden />
            {location.host}
          </span>
          {setup !== null && <span>{t`Partyline ${setup.version}`}</span>}
        </p>
      </main>
      <PoleDrawing />
    </div>
  );
}

function SignInForm({ workspace }: { workspace: string | null }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const [workspaces, setWorkspaces] = useState<Named[]>([]);
  const [chosen, choose] = useState<string | null>(null);
  const [until, setUntil] = useState(0);
  const left = useCountdown(until);
  const form = useForm({
    initial: { email: "", password: "" },
    check: ({ email, password }) => ({
      email: email.trim() === "" ? t`Write the email that you sign in with.` : null,
      password: password === "" ? t`Write your password.` : null,
    }),
    submit: async (credentials) => {
      if (left > 0) return;
      const body = chosen === null ? credentials : { ...credentials, workspace_id: chosen };
      desk.signIn(await client.post<Me>("/session", body));
    },
    explain: (problem) => {
      const refusal = refusalOf(problem);
      if (refusal?.kind === "wait") setUntil(Date.now() + refusal.seconds * 1_000);
      if (refusal?.kind !== "choose") return refusal === null ? null : { form: null, fields: {} };
      setWorkspaces(refusal.workspaces);
      choose(refusal.workspaces[0]?.id ?? null);
      return { form: null, fields: {} };
    },
  });

  return (
    <form className={css.form} {...form.attributes} aria-label={t`Sign in`}>
      <h1 className={css.title}>{workspace ?? t`Sign in`}</h1>
      <p className={css.lead}>{t`Sign in to the team’s inbox.`}</p>
      {left > 0 ? (
        <Notice tone="warn" alert title={t`Too many attempts`}>
          <Trans>
            Try again in <span className="num">{minutesAndSeconds(left)}</span>. Nobody is locked out for good.
          </Trans>
        </Notice>
      ) : (
        form.faults.form !== null && (
          <Notice tone="danger" alert>
            {form.faults.form}
          </Notice>
        )
      )}
      <TextField
        label={t`Email`}
        type="email"
        autoComplete="username"
        autoFocus
        className={css.input}
        {...form.text("email")}
      />
      <div className={css.password}>
        <PasswordField label={t`Password`} autoComplete="current-password" {...form.text("password")} />
        <Link href="/forgot" className={css.forgotten}>
          {t`Forgotten?`}
        </Link>
      </div>
      {workspaces.length > 0 && (
        <ChoiceCards
          legend={t`Which workspace?`}
          name="workspace_id"
          value={chosen}
          onChange={choose}
          choices={workspaces.map(({ id, name }) => ({ value: id, label: name, icon: <Building aria-hidden /> }))}
        />
      )}
      <Button type="submit" look="primary" className={css.submit} busy={form.busy} disabled={left > 0}>
        {t`Sign in`}
      </Button>
    </form>
  );
}
