import { useLingui } from "@lingui/react/macro";
import type { Id, Invited, Role } from "@partyline/kit/api";
import { fullWhen } from "@partyline/kit/i18n";
import { useApp, useForm } from "@partyline/kit/react";
import { Button, CopyText, Notice, TextField } from "@partyline/kit/ui";
import { useState } from "react";
import { useLocation } from "wouter";
import { PageHead } from "../PageParts.tsx";
import css from "../settings.module.css";
import { RoleChoice, TeamChoice } from "./choices.tsx";

const LIST = "/settings/people";

/** Makes a link that lets one person join. */
export function InvitePage() {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const { client } = useApp();
  const [invited, setInvited] = useState<Invited | null>(null);
  const form = useForm({
    initial: { email: "", role: "agent" as Role, team_ids: [] as Id[] },
    submit: async ({ email, ...rest }) => {
      setInvited(await client.post<Invited>("/invitations", { ...rest, email: email.trim() === "" ? null : email }));
    },
  });
  const title = t`Invite somebody`;
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
            <RoleChoice value={form.values.role} onChange={(role) => form.set("role", role)} />
            <TeamChoice value={form.values.team_ids} onChange={(ids) => form.set("team_ids", ids)} />
            <div className={css.buttons}>
              <Button type="submit" look="primary" busy={form.busy}>{t`Make the link`}</Button>
              <Button onClick={() => navigate(LIST)}>{t`Cancel`}</Button>
            </div>
          </form>
        ) : (
          <div className={css.narrow}>
            <Notice tone="ok" title={t`Send them this link`}>
              {t`It works once, until ${fullWhen(new Date(invited.invitation.expires_at))}. It is shown here and nowhere else.`}
            </Notice>
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
