import { useLingui } from "@lingui/react/macro";
import type { Id, Invited, Role, Setup } from "@partyline/kit/api";
import { fullWhen } from "@partyline/kit/i18n";
import { useApp, useForm } from "@partyline/kit/react";
import { Button, CopyText, Notice, TextField } from "@partyline/kit/ui";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { PageHead } from "../PageParts.tsx";
import css from "../settings.module.css";
import { RoleChoice, TeamChoice } from "./choices.tsx";
import { SentOrNot } from "./SentOrNot.tsx";

const LIST = "/settings/people";

/** Makes a link that lets one person join, and sends it where there is a mail server. */
export function InvitePage() {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const { client } = useApp();
  const [invited, setInvited] = useState<Invited | null>(null);
  const [mail, setMail] = useState<boolean | null>(null);
  useEffect(() => {
    client.get<Setup>("/setup").then(
      ({ data }) => setMail(data.mail),
      () => undefined,
    );
  }, [client]);
  const form = useForm({
    initial: { email: "", role: "agent" as Role, team_ids: [] as Id[] },
    submit: async ({ email, ...rest }) => {
      const to = email.trim() === "" ? null : email;
      setInvited(
        await client.post<Invited>("/invitations", { ...rest, email: to, send: mail === true && to !== null }),
      );
    },
  });
  const title = t`Invite somebody`;
  const sends = mail === true && form.values.email.trim() !== "";
  return (
    <>
      <PageHead title={title} back={LIST} />
      <div className={css.body}>
        {invited === null ? (
          <form className={css.narrow} {...form.attributes} aria-label={title}>
            {form.faults.form !== null && (
              <Notice tone="danger" alert>
                {form.faults.form}
              </Notice>
            )}
            <TextField
              label={t`Email`}
              hint={t`Only they can join then. Empty: whoever has the link.`}
              type="email"
              autoComplete="off"
              autoFocus
              {...form.text("email")}
            />
            {mail === false && (
              <Notice title={t`Mail is not set up`}>
                {t`You get a link to hand over. Whoever runs this server sets a mail server with --smtp-url; then it is sent for you.`}
              </Notice>
            )}
            <RoleChoice value={form.values.role} onChange={(role) => form.set("role", role)} />
            <TeamChoice value={form.values.team_ids} onChange={(ids) => form.set("team_ids", ids)} />
            <div className={css.buttons}>
              <Button type="submit" look="primary" busy={form.busy}>
                {sends ? t`Send the invitation` : t`Make the link`}
              </Button>
              <Button onClick={() => navigate(LIST)}>{t`Cancel`}</Button>
            </div>
          </form>
        ) : (
          <div className={css.narrow}>
            {invited.invitation.mail === null ? (
              <Notice tone="ok" title={t`Send them this link`}>
                {t`It works once, until ${fullWhen(new Date(invited.invitation.expires_at))}. It is shown here and nowhere else.`}
              </Notice>
            ) : (
              <SentOrNot invitation={invited.invitation} />
            )}
            <CopyText text={`${location.origin}${invited.path}`} name={t`the link`} />
            <div className={css.buttons}>
              <Button look="primary" onClick={() => navigate(LIST)}>{t`Done`}</Button>
              <Button onClick={() => setInvited(null)}>{t`Invite another`}</Button>
            </div>
          </div>
        )}
      </div>
    </>
  );
}
