import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type Me } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import { Button, Mark, PasswordField, TextField } from "@partyline/kit/ui";
import { useState, type FormEvent } from "react";
import css from "./SignInPage.module.css";

export function SignInPage() {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      desk.signIn(await client.post<Me>("/session", { email: form.get("email"), password: form.get("password") }));
    } catch (problem) {
      setFault(problem instanceof ApiProblem ? problem.detail : t`The server does not answer.`);
      setBusy(false);
    }
  };
  return (
    <main className={css.page}>
      <form className={css.card} onSubmit={(event) => void submit(event)}>
        <Mark size={32} />
        <h1 className={css.title}>{t`Sign in`}</h1>
        <TextField label={t`Email`} name="email" type="email" autoComplete="username" required autoFocus />
        <PasswordField label={t`Password`} name="password" autoComplete="current-password" required fault={fault} />
        <Button type="submit" look="primary" busy={busy}>{t`Sign in`}</Button>
      </form>
    </main>
  );
}
