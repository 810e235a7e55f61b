import { useLingui } from "@lingui/react/macro";
import type { Client, HandedOver, Id, Role, User } from "@partyline/kit/api";
import { fullWhen } from "@partyline/kit/i18n";
import { useApp, useForm, useMay, useMe, useTeams, useUsers } from "@partyline/kit/react";
import { Button, Combobox, Dialog, Field, Notice, showToast, TextField } from "@partyline/kit/ui";
import { useState } from "react";
import { useLocation } from "wouter";
import { NewPasswordField, PASSWORD_MIN } from "../../auth/index.ts";
import { Missing, PageHead } from "../PageParts.tsx";
import css from "../settings.module.css";
import { RoleChoice, TeamChoice } from "./choices.tsx";
import { useRoleNames } from "./roles.ts";

const LIST = "/settings/people";

/** `id` is a user's, or "new". */
export function PersonPage({ id }: { id: string }) {
  const { t } = useLingui();
  const user = useUsers().find((one) => one.id === id);
  if (id === "new") return <NewPerson />;
  return user ? <PersonForm user={user} /> : <Missing what={t`Person`} back={LIST} />;
}

function NewPerson() {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const { client, desk } = useApp();
  const form = useForm({
    initial: { name: "", email: "", password: "", role: "agent" as Role, team_ids: [] as Id[] },
    check: ({ name, email, password }) => ({
      name: name.trim() === "" ? t`Write their name; the team sees it beside their replies.` : null,
      email: email.trim() === "" ? t`Write the email that they will sign in with.` : null,
      password:
        [...password].length < PASSWORD_MIN
          ? t`Use at least ${PASSWORD_MIN} characters; a few words are easy to remember.`
          : null,
    }),
    submit: async (body, key) => {
      desk.putRow("users", await client.post<User>("/users", body, { idempotencyKey: key.for(body) }));
      showToast({ id: "person", text: t`${body.name} can sign in now` });
      navigate(LIST);
    },
  });
  return (
    <>
      <PageHead title={t`Add a person`} back={LIST} />
      <div className={css.body}>
        <form className={css.narrow} {...form.attributes} aria-label={t`Add a person`}>
          {form.faults.form !== null && (
            <Notice tone="danger" alert>
              {form.faults.form}
            </Notice>
          )}
          <div className={css.pair}>
            <TextField label={t`Name`} autoComplete="off" autoFocus {...form.text("name")} />
            <TextField label={t`Email`} type="email" autoComplete="off" {...form.text("email")} />
          </div>
          <div>
            <NewPasswordField
              label={t`First password`}
              personal={[form.values.name, form.values.email]}
              {...form.text("password")}
            />
            <p
              className={css.small}
            >{t`Tell it to them yourself. Somebody who is in another workspace here keeps the password they have.`}</p>
          </div>
          <RoleChoice value={form.values.role} onChange={(role) => form.set("role", role)} />
          <TeamChoice value={form.values.team_ids} onChange={(ids) => form.set("team_ids", ids)} />
          <div className={css.buttons}>
            <Button type="submit" look="primary" busy={form.busy}>{t`Add the person`}</Button>
            <Button onClick={() => navigate(LIST)}>{t`Cancel`}</Button>
          </div>
        </form>
      </div>
    </>
  );
}

function PersonForm({ user }: { user: User }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const { client, desk } = useApp();
  const me = useMe();
  const roles = useRoleNames();
  // Only an owner changes an owner.
  const may = useMay("people.manage") && (user.role !== "owner" || me?.user.role === "owner");
  const teams = useTeams();
  const self = user.id === me?.user.id;
  const form = useForm({
    initial: { name: user.name, role: user.role, team_ids: user.team_ids },
    check: ({ name }) => ({
      name: name.trim() === "" ? t`Write their name; the team sees it beside their replies.` : null,
    }),
    submit: async (body) => {
      desk.putRow("users", await client.patch<User>(`/users/${user.id}`, body));
      showToast({ id: "person", text: t`Saved` });
      navigate(LIST);
    },
  });
  return (
    <>
      <PageHead title={user.name} lead={user.email} back={LIST} />
      <div className={css.body}>
        {may ? (
          <form className={css.narrow} {...form.attributes} aria-label={user.name}>
            {form.faults.form !== null && (
              <Notice tone="danger" alert>
                {form.faults.form}
              </Notice>
            )}
            <TextField label={t`Name`} autoComplete="off" {...form.text("name")} />
            <RoleChoice value={form.values.role} onChange={(role) => form.set("role", role)} />
            <TeamChoice value={form.values.team_ids} onChange={(ids) => form.set("team_ids", ids)} />
            <div className={css.buttons}>
              <Button type="submit" look="primary" busy={form.busy}>{t`Save`}</Button>
              <Button onClick={() => navigate(LIST)}>{t`Cancel`}</Button>
            </div>
          </form>
        ) : (
          <dl className={css.facts}>
            <dt>{t`Role`}</dt>
            <dd>{roles[user.role]}</dd>
            {user.away_until !== null && (
              <>
                <dt>{t`Out of office`}</dt>
                <dd>{t`until ${fullWhen(new Date(user.away_until))}`}</dd>
              </>
            )}
            <dt>{t`Teams`}</dt>
            <dd>
              {teams
                .filter(({ id }) => user.team_ids.includes(id))
                .map(({ name }) => name)
                .join(", ")}
            </dd>
          </dl>
        )}
        {may && !self && <Access user={user} />}
      </div>
    </>
  );
}

/** Stands for nobody in a choice of people. */
const NOBODY = "";

/** Until there is nothing more: the server does some thousands at once. */
async function handOver(client: Client, from: Id, to: Id | null): Promise<void> {
  for (;;) {
    const { more } = await client.post<HandedOver>(`/users/${from}/handover`, { to_user_id: to });
    if (!more) return;
  }
}

/** Whether they may sign in: takes effect at once, so it is not part of the form. */
function Access({ user }: { user: User }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const [asking, setAsking] = useState(false);
  const heirs = useUsers().filter(({ id, active, role }) => active && role !== "viewer" && id !== user.id);
  const form = useForm({
    initial: { to: NOBODY },
    submit: async ({ to }) => {
      if (user.active) await handOver(client, user.id, to === NOBODY ? null : to);
      desk.putRow("users", await client.patch<User>(`/users/${user.id}`, { active: !user.active }));
      setAsking(false);
    },
  });
  return (
    <section className={css.narrow}>
      <hr className={css.rule} />
      <h2>{t`Access`}</h2>
      {form.faults.form !== null && (
        <Notice tone="danger" alert>
          {form.faults.form}
        </Notice>
      )}
      {user.active ? (
        <div className={css.buttons}>
          <Button tone="danger" onClick={() => setAsking(true)}>{t`Deactivate`}</Button>
        </div>
      ) : (
        <form {...form.attributes}>
          <p className={css.sectionLead}>{t`They can’t sign in. What they wrote stays.`}</p>
          <Button type="submit" busy={form.busy}>{t`Let them sign in again`}</Button>
        </form>
      )}
      {asking && user.active && (
        <Dialog
          title={t`Deactivate ${user.name}?`}
          lead={t`They are signed out at once, everywhere. What they wrote stays.`}
          onClose={() => setAsking(false)}
        >
          <form className={css.dialogForm} {...form.attributes}>
            {form.faults.form !== null && <p role="alert">{form.faults.form}</p>}
            <Field label={t`What they are on goes to`} fault={form.faults.fields.to_user_id}>
              {(bound) => (
                <Combobox
                  {...bound}
                  options={[
                    { value: NOBODY, label: t`Their teams, unassigned` },
                    ...heirs.map(({ id, name, email }) => ({ value: id, label: name, detail: email })),
                  ]}
                  value={form.values.to}
                  onChange={(to) => form.set("to", to)}
                />
              )}
            </Field>
            <div className={css.buttons}>
              <Button type="submit" tone="danger" busy={form.busy}>{t`Deactivate`}</Button>
              <span />
              <Button data-autofocus onClick={() => setAsking(false)}>{t`Cancel`}</Button>
            </div>
          </form>
        </Dialog>
      )}
    </section>
  );
}
