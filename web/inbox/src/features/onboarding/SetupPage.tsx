import { i18n } from "@lingui/core";
import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type Me, type Setup } from "@partyline/kit/api";
import { useApp, useForm, useMe, useMinute } from "@partyline/kit/react";
import { Button, ChoiceCards, Combobox, Field, Kbd, Mark, Notice, Skeleton, TextField } from "@partyline/kit/ui";
import { Eye, RadioTower } from "@partyline/kit/ui/icons";
import { useEffect, useMemo, useState } from "react";
import { Redirect } from "wouter";
import { NewPasswordField, PASSWORD_MIN } from "../auth/index.ts";
import css from "./onboarding.module.css";
import { ServerChecks } from "./ServerChecks.tsx";
import { browserTimeZone, timeIn, timeZoneOptions } from "../time-zone/index.ts";

/** How often the list "This server" is read again, in ms; whoever mends a fault sees it go. */
const LOOK_AGAIN_MS = 10_000;

export function SetupPage() {
  const { t } = useLingui();
  const me = useMe();
  const setup = useSetup();
  useEffect(() => {
    document.title = t`Make your workspace`;
  }, [t]);
  // While the new owner is being led on, the page stays.
  if (setup !== null && !setup.needed && me === null) return <Redirect to="/sign-in" replace />;
  return (
    <div className={css.page}>
      <header className={css.head}>
        <span className={css.brand}>
          <Mark size={24} />
          {t`Partyline`}
        </span>
        <p>{t`First run. This page closes for good once the workspace exists.`}</p>
      </header>
      <main className={css.card}>
        <SetupForm tokenRequired={setup?.token_required ?? false} />
        <aside className={css.server} aria-label={t`This server`}>
          <h2>{t`This server`}</h2>
          {setup === null ? <Skeleton width="80%" /> : <ServerChecks checks={setup.checks} />}
        </aside>
      </main>
    </div>
  );
}

/** What the server says of itself, read again while the page is looked at. */
function useSetup(): Setup | null {
  const { client } = useApp();
  const [setup, setSetup] = useState<Setup | null>(null);
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === "hidden") return;
      client.get<Setup>("/setup").then(
        ({ data }) => setSetup(data),
        () => undefined,
      );
    };
    look();
    const timer = setInterval(look, LOOK_AGAIN_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [client]);
  return setup;
}

type Start = "number" | "look";
/** Where each beginning leads. */
const PLACES: Record<Start, string> = { number: "/settings/channels/new", look: "/" };

function SetupForm({ tokenRequired }: { tokenRequired: boolean }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const now = useMinute();
  const ownZone = useMemo(() => browserTimeZone(), []);
  const zones = useMemo(() => timeZoneOptions(ownZone), [ownZone]);
  const [start, setStart] = useState<Start>("number");
  const form = useForm({
    initial: {
      workspace_name: "",
      time_zone: ownZone,
      name: "",
      email: "",
      password: "",
      token: new URLSearchParams(location.search).get("token") ?? "",
    },
    check: ({ workspace_name, name, email, password, token }) => ({
      workspace_name: workspace_name.trim() === "" ? t`Write what your business is called.` : null,
      name: name.trim() === "" ? t`Write your name; the team sees it beside your replies.` : null,
      email: email.trim() === "" ? t`Write the email that you will sign in with.` : null,
      password:
        [...password].length < PASSWORD_MIN
          ? t`Use at least ${PASSWORD_MIN} characters; a few words are easy to remember.`
          : null,
      token: tokenRequired && token.trim() === "" ? t`Write the token that the server printed when it started.` : null,
    }),
    submit: async ({ token, ...values }, key) => {
      const body = tokenRequired ? { ...values, token: token.trim() } : values;
      const me = await client.post<Me>("/setup", body, { idempotencyKey: key.for(body) });
      // Being signed in leads on to this address.
      history.replaceState(history.state, "", `/setup?to=${encodeURIComponent(PLACES[start])}`);
      desk.signIn(me);
    },
    explain: (problem) => {
      if (!(problem instanceof ApiProblem) || problem.code !== "setup_token") return null;
      return { form: null, fields: { token: t`That is not the token that the server printed when it started.` } };
    },
  });
  const { values } = form;
  const clock = timeIn(values.time_zone, new Date(now), i18n.locale);

  return (
    <form className={css.form} {...form.attributes} aria-label={t`Make your workspace`}>
      <h1>{t`Make your workspace`}</h1>
      <p className={css.lead}>{t`Two minutes. You can text your first customer right after.`}</p>
      {form.faults.form !== null && (
        <Notice tone="danger" alert>
          {form.faults.form}
        </Notice>
      )}
      {tokenRequired && (
        <TextField
          label={t`Set-up token`}
          hint={t`The server printed it when it started, so that only its owner gets past this page.`}
          autoComplete="off"
          spellCheck={false}
          {...form.text("token")}
        />
      )}
      <div className={css.pair}>
        <TextField
          label={t`Business name`}
          hint={t`What the team calls this inbox`}
          autoComplete="organization"
          autoFocus
          {...form.text("workspace_name")}
        />
        <Field
          label={t`Time zone`}
          hint={values.time_zone === ownZone ? t`From this browser` : undefined}
          fault={form.faults.fields.time_zone}
        >
          {(bound) => (
            <Combobox
              {...bound}
              options={zones}
              value={values.time_zone}
              onChange={(zone) => form.set("time_zone", zone)}
              end={clock ?? undefined}
            />
          )}
        </Field>
      </div>
      <div className={css.pair}>
        <TextField label={t`Your name`} autoComplete="name" {...form.text("name")} />
        <TextField label={t`Your email`} type="email" autoComplete="username" {...form.text("email")} />
      </div>
      <NewPasswordField
        label={t`Password`}
        personal={[values.workspace_name, values.name, values.email]}
        {...form.text("password")}
      />
      <ChoiceCards<Start>
        legend={t`Start with`}
        name="start"
        value={start}
        onChange={setStart}
        choices={[
          {
            value: "number",
            label: t`My phone number`,
            hint: t`From the provider you have it with`,
            icon: <RadioTower aria-hidden />,
          },
          { value: "look", label: t`A look around`, hint: t`Numbers can be added any time`, icon: <Eye aria-hidden /> },
        ]}
      />
      <div className={css.go}>
        <Button type="submit" look="primary" className={css.submit} busy={form.busy}>
          {t`Make the workspace`}
          <Kbd keys="Enter" />
        </Button>
      </div>
    </form>
  );
}
