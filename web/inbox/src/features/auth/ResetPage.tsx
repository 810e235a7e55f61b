import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type ResetView } from "@partyline/kit/api";
import { useApp, useForm } from "@partyline/kit/react";
import { Button, Notice, TextField } from "@partyline/kit/ui";
import { useEffect, useState } from "react";
import { Link, useLocation, useParams } from "wouter";
import { AuthFrame } from "./AuthFrame.tsx";
import { NewPasswordField } from "./NewPasswordField.tsx";
import { PASSWORD_MIN } from "./passwordStrength.ts";
import css from "./SignInPage.module.css";

type Over = { over: string };
type Look = ResetView | Over | "asking" | "unreachable" | "done";

const isOver = (problem: unknown): problem is ApiProblem =>
  problem instanceof ApiProblem && problem.code.startsWith("reset_");

/** Where the link of a forgotten password leads. */
export function ResetPage() {
  const { t } = useLingui();
  const { client } = useApp();
  const { token = "" } = useParams();
  const [, navigate] = useLocation();
  const [look, setLook] = useState<Look>("asking");
  useEffect(() => {
    client.get<ResetView>(`/reset/${token}`).then(
      ({ data }) => setLook(data),
      (problem: unknown) => setLook(isOver(problem) ? { over: problem.code } : "unreachable"),
    );
  }, [client, token]);
  useEffect(() => {
    document.title = t`New password`;
  }, [t]);
  return (
    <AuthFrame>
      {typeof look === "object" ? (
        "over" in look ? (
          <LinkOver code={look.over} />
        ) : (
          <ChooseForm
            token={token}
            email={look.email}
            onDone={() => setLook("done")}
            onOver={(code) => setLook({ over: code })}
          />
        )
      ) : (
        <div className={css.form}>
          {look === "done" && (
            <>
              <h1 className={css.title}>{t`Your password is changed`}</h1>
              <p className={css.lead} role="status">
                {t`Whoever was signed in with the old one is signed out, you too.`}
              </p>
              <Button look="primary" className={css.submit} autoFocus onClick={() => navigate("/sign-in")}>
                {t`Sign in with the new one`}
              </Button>
            </>
          )}
          {look === "unreachable" && (
            <>
              <h1 className={css.title}>{t`The server does not answer`}</h1>
              <Button onClick={() => location.reload()}>{t`Try again`}</Button>
            </>
          )}
        </div>
      )}
    </AuthFrame>
  );
}

function LinkOver({ code }: { code: string }) {
  const { t } = useLingui();
  const words: Record<string, readonly [string, string]> = {
    reset_used: [t`This link was used`, t`It works once, and ends when a later one is used.`],
    reset_expired: [t`This link is too old`, t`It works for an hour.`],
    reset_inactive: [
      t`You can’t sign in any more`,
      t`Your account is in no workspace. Ask an admin to invite you again.`,
    ],
  };
  const [title, lead] = words[code] ?? [t`This link leads nowhere`, t`Was it copied whole?`];
  return (
    <div className={css.form}>
      <h1 className={css.title}>{title}</h1>
      <p className={css.lead}>{lead}</p>
      {code !== "reset_inactive" && <Link href="/forgot">{t`Ask for a new link`}</Link>}
      <Link href="/sign-in">{t`Sign in instead`}</Link>
    </div>
  );
}

type ChooseProps = { token: string; email: string; onDone: () => void; onOver: (code: string) => void };

function ChooseForm({ token, email, onDone, onOver }: ChooseProps) {
  const { t } = useLingui();
  const { client } = useApp();
  const form = useForm({
    initial: { password: "" },
    check: ({ password }) => ({
      password:
        [...password].length < PASSWORD_MIN
          ? t`Use at least ${PASSWORD_MIN} characters; a few words are easy to remember.`
          : null,
    }),
    submit: async ({ password }) => {
      await client.post(`/reset/${token}`, { password });
      onDone();
    },
    explain: (problem) => {
      if (!isOver(problem)) return null;
      onOver(problem.code);
      return { form: null, fields: {} };
    },
  });
  return (
    <form className={css.form} {...form.attributes} aria-label={t`Choose a new password`}>
      <h1 className={css.title}>{t`Choose a new password`}</h1>
      <p className={css.lead}>{t`Everybody who is signed in with the old one is signed out.`}</p>
      {form.faults.form !== null && (
        <Notice tone="danger" alert>
          {form.faults.form}
        </Notice>
      )}
      {/* password managers keep the new one under this name */}
      <TextField
        label={t`Email`}
        type="email"
        autoComplete="username"
        readOnly
        className={css.input}
        value={email}
        onChange={() => undefined}
      />
      <NewPasswordField label={t`New password`} personal={[email]} autoFocus {...form.text("password")} />
      <Button type="submit" look="primary" className={css.submit} busy={form.busy}>
        {t`Change the password`}
      </Button>
    </form>
  );
}
