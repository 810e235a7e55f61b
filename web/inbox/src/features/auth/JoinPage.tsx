import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type JoinView, type Me } from "@partyline/kit/api";
import { useApp, useForm } from "@partyline/kit/react";
import { Button, Mark, Notice, PasswordField, TextField } from "@partyline/kit/ui";
import { Server } from "@partyline/kit/ui/icons";
import { useEffect, useState } from "react";
import { Link, useParams } from "wouter";
import { NewPasswordField } from "./NewPasswordField.tsx";
import { PASSWORD_MIN } from "./passwordStrength.ts";
import { PoleDrawing } from "./PoleDrawing.tsx";
import css from "./SignInPage.module.css";

type Look = JoinView | "asking" | "over" | "unreachable";

/** Where an invitation's link leads: somebody says who they are, and is in. */
export function JoinPage() {
  const { t } = useLingui();
  const { client } = useApp();
  const { token = "" } = useParams();
  const [look, setLook] = useState<Look>("asking");
  useEffect(() => {
    client.get<JoinView>(`/join/${token}`).then(
      ({ data }) => setLook(data),
      (problem: unknown) => setLook(problem instanceof ApiProblem ? "over" : "unreachable"),
    );
  }, [client, token]);
  useEffect(() => {
    document.title = t`Join`;
  }, [t]);
  return (
    <div className={css.page}>
      <main className={css.side}>
        <div className={css.brand}>
          <Mark size={24} />
          <span>{t`Partyline`}</span>
        </div>
        {typeof look === "object" ? (
          <JoinForm token={token} look={look} />
        ) : (
          <div className={css.form}>
            {look === "over" && (
              <>
                <h1 className={css.title}>{t`This invitation is over`}</h1>
                <p className={css.lead}>{t`It was used, taken back, or is too old. Ask for a new one.`}</p>
                <Link href="/sign-in">{t`Sign in instead`}</Link>
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
        <p className={css.foot}>
          <span>
            <Server aria-hidden />
            {location.host}
          </span>
        </p>
      </main>
      <PoleDrawing />
    </div>
  );
}

function JoinForm({ token, look }: { token: string; look: JoinView }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const named = look.email;
  const form = useForm({
    initial: { name: "", email: named ?? "", password: "" },
    check: ({ name, email, password }) => ({
      name: name.trim() === "" ? t`Write your name; the team sees it beside your replies.` : null,
      email: email.trim() === "" ? t`Write the email that you will sign in with.` : null,
      password:
        !look.has_account && [...password].length < PASSWORD_MIN
          ? t`Use at least ${PASSWORD_MIN} characters; a few words are easy to remember.`
          : null,
    }),
    submit: async ({ email, ...values }) => {
      const body = named === null ? { ...values, email } : values;
      desk.signIn(await client.post<Me>(`/join/${token}`, body));
    },
  });
  return (
    <form className={css.form} {...form.attributes} aria-label={t`Join`}>
      <h1 className={css.title}>{t`Join ${look.workspace_name}`}</h1>
      <p className={css.lead}>{t`${look.invited_by} invites you to the team’s inbox.`}</p>
      {form.faults.form !== null && (
        <Notice tone="danger" alert>
          {form.faults.form}
        </Notice>
      )}
      <TextField label={t`Your name`} autoComplete="name" autoFocus className={css.input} {...form.text("name")} />
      <TextField
        label={t`Email`}
        type="email"
        autoComplete="username"
        readOnly={named !== null}
        className={css.input}
        {...form.text("email")}
      />
      {look.has_account ? (
        <PasswordField
          label={t`The password of your account here`}
          autoComplete="current-password"
          {...form.text("password")}
        />
      ) : (
        <NewPasswordField
          label={t`Password`}
          personal={[form.values.name, form.values.email]}
          {...form.text("password")}
        />
      )}
      <Button type="submit" look="primary" className={css.submit} busy={form.busy}>
        {t`Join`}
      </Button>
    </form>
  );
}
