import { Trans, useLingui } from "@lingui/react/macro";
import type { Setup } from "@partyline/kit/api";
import { useApp, useForm } from "@partyline/kit/react";
import { Button, Notice, TextField } from "@partyline/kit/ui";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { AuthFrame } from "./AuthFrame.tsx";
import css from "./SignInPage.module.css";
import { minutesAndSeconds, refusalOf } from "./signIn.ts";
import { useCountdown } from "./useCountdown.ts";

/** Asks for a link to a new password. Without a mail server it says who can give one. */
export function ForgotPage() {
  const { t } = useLingui();
  const { client } = useApp();
  const [mail, setMail] = useState<boolean | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  useEffect(() => {
    client.get<Setup>("/setup").then(
      ({ data }) => setMail(data.mail),
      // the form says what is wrong, when it is sent
      () => setMail(true),
    );
  }, [client]);
  useEffect(() => {
    document.title = t`New password`;
  }, [t]);
  return (
    <AuthFrame>
      {mail === false && (
        <div className={css.form}>
          <h1 className={css.title}>{t`New password`}</h1>
          <p className={css.lead}>{t`This server sends no mail.`}</p>
          <p>
            <Trans>
              Whoever runs it can give you a link to a new password: <code>partyline user reset</code>
            </Trans>
          </p>
          <Link href="/sign-in">{t`Back to sign in`}</Link>
        </div>
      )}
      {mail === true && asked === null && <AskForm onAsked={setAsked} />}
      {mail === true && asked !== null && (
        <div className={css.form}>
          <h1 className={css.title}>{t`Look into your mail`}</h1>
          <p className={css.lead} role="status">
            {t`If ${asked} has an account here, a link is on its way to it. It works once, within an hour.`}
          </p>
          <p className={css.aside}>{t`Nothing came? Look among the spam, or whether the address is right.`}</p>
          <Button onClick={() => setAsked(null)}>{t`Try another address`}</Button>
          <Link href="/sign-in">{t`Back to sign in`}</Link>
        </div>
      )}
    </AuthFrame>
  );
}

function AskForm({ onAsked }: { onAsked: (email: string) => void }) {
  const { t } = useLingui();
  const { client } = useApp();
  const [until, setUntil] = useState(0);
  const left = useCountdown(until);
  const form = useForm({
    initial: { email: "" },
    check: ({ email }) => ({ email: email.trim() === "" ? t`Write the email that you sign in with.` : null }),
    submit: async ({ email }) => {
      if (left > 0) return;
      await client.post("/session/reset", { email });
      onAsked(email.trim());
    },
    explain: (problem) => {
      const refusal = refusalOf(problem);
      if (refusal?.kind !== "wait") return null;
      setUntil(Date.now() + refusal.seconds * 1_000);
      return { form: null, fields: {} };
    },
  });
  return (
    <form className={css.form} {...form.attributes} aria-label={t`New password`}>
      <h1 className={css.title}>{t`New password`}</h1>
      <p className={css.lead}>{t`We send you a link by which you choose one.`}</p>
      {left > 0 ? (
        <Notice tone="warn" alert title={t`Asked too often`}>
          <Trans>
            Try again in <span className="num">{minutesAndSeconds(left)}</span>.
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
      <Button type="submit" look="primary" className={css.submit} busy={form.busy} disabled={left > 0}>
        {t`Send the link`}
      </Button>
      <Link href="/sign-in">{t`Back to sign in`}</Link>
    </form>
  );
}
