import { useLingui } from "@lingui/react/macro";
import type { Me, MyWorkspace, Page, Session } from "@partyline/kit/api";
import { fullWhen } from "@partyline/kit/i18n";
import { useApp, useForm, useMe } from "@partyline/kit/react";
import {
  Button,
  Chip,
  Combobox,
  Field,
  Notice,
  PasswordField,
  showToast,
  TextArea,
  TextField,
} from "@partyline/kit/ui";
import { useCallback, useMemo, useState } from "react";
import { NewPasswordField, PASSWORD_MIN } from "../../auth/index.ts";
import { localValue } from "../../snooze/index.ts";
import { browserTimeZone, timeZoneOptions } from "../../time-zone/index.ts";
import { PageHead } from "../PageParts.tsx";
import css from "../settings.module.css";
import { useLoaded } from "../useLoaded.ts";
import { browserName } from "./browserName.ts";
import { PictureForm } from "./PictureForm.tsx";

/** Stands for "as the workspace". */
const WORKSPACE_ZONE = "";

/** What is mine alone: profile, password, the browsers I am signed in with. */
export function ProfilePage() {
  const { t } = useLingui();
  const me = useMe();
  if (me === null) return null;
  return (
    <>
      <PageHead title={t`Your profile`} lead={me.user.email} />
      <div className={css.body}>
        <PictureForm me={me} />
        <ProfileForm key={me.user.id} me={me} />
        <hr className={css.rule} />
        <PasswordForm me={me} />
        <hr className={css.rule} />
        <Sessions />
        <Workspaces here={me.workspace.id} />
      </div>
    </>
  );
}

function ProfileForm({ me }: { me: Me }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const workspaceZone = me.workspace.time_zone;
  const zones = useMemo(
    () => [
      { value: WORKSPACE_ZONE, label: t`As the workspace`, detail: workspaceZone.replaceAll("_", " ") },
      ...timeZoneOptions(me.settings.time_zone ?? browserTimeZone()),
    ],
    // oxlint-disable-next-line react/exhaustive-deps -- `t` is new at every render
    [workspaceZone, me.settings.time_zone],
  );
  const away = me.user.away_until;
  const form = useForm({
    initial: {
      name: me.user.name,
      time_zone: me.settings.time_zone ?? WORKSPACE_ZONE,
      signature: me.settings.signature ?? "",
      away_until: away === null ? "" : localValue(new Date(away)),
    },
    check: ({ name, away_until }) => ({
      name: name.trim() === "" ? t`Write your name; the team sees it beside your replies.` : null,
      away_until:
        away_until !== "" && !(new Date(away_until).getTime() > Date.now())
          ? t`Choose a time that is still to come.`
          : null,
    }),
    submit: async ({ name, time_zone, signature, away_until }) => {
      const body = {
        name,
        time_zone: time_zone === WORKSPACE_ZONE ? null : time_zone,
        signature: signature.trim() === "" ? null : signature,
        away_until: away_until === "" ? null : new Date(away_until).toISOString(),
      };
      const changed = await client.patch<Me>("/me", body);
      desk.signIn(changed);
      desk.putRow("users", changed.user);
      showToast({ id: "profile", text: t`Saved` });
    },
  });
  return (
    <form className={css.narrow} {...form.attributes} aria-label={t`Your profile`}>
      {form.faults.form !== null && (
        <Notice tone="danger" alert>
          {form.faults.form}
        </Notice>
      )}
      <div className={css.pair}>
        <TextField label={t`Name`} autoComplete="name" {...form.text("name")} />
        <Field label={t`Time zone`} fault={form.faults.fields.time_zone}>
          {(bound) => (
            <Combobox
              {...bound}
              options={zones}
              value={form.values.time_zone}
              onChange={(zone) => form.set("time_zone", zone)}
            />
          )}
        </Field>
      </div>
      <TextArea
        label={t`Signature`}
        hint={t`Stands in canned responses that ask for it, and under emails.`}
        rows={3}
        {...form.text("signature")}
      />
      <TextField
        label={t`Out of office until`}
        hint={t`What is reopened meanwhile goes to the team. Empty: you are here.`}
        type="datetime-local"
        {...form.text("away_until")}
      />
      <div className={css.buttons}>
        <Button type="submit" look="primary" busy={form.busy}>{t`Save`}</Button>
        {form.values.away_until !== "" && <Button onClick={() => form.set("away_until", "")}>{t`I am back`}</Button>}
      </div>
    </form>
  );
}

function PasswordForm({ me }: { me: Me }) {
  const { t } = useLingui();
  const { client } = useApp();
  const form = useForm({
    initial: { current: "", new: "" },
    check: ({ current, new: next }) => ({
      current: current === "" ? t`Write the password that you sign in with now.` : null,
      new:
        [...next].length < PASSWORD_MIN
          ? t`Use at least ${PASSWORD_MIN} characters; a few words are easy to remember.`
          : null,
    }),
    submit: async (body) => {
      await client.post("/me/password", body);
      form.set("current", "");
      form.set("new", "");
      showToast({ id: "password", text: t`Changed. Your other browsers are signed out.` });
    },
  });
  return (
    <form className={css.narrow} {...form.attributes} aria-label={t`Password`}>
      <h2>{t`Password`}</h2>
      {form.faults.form !== null && (
        <Notice tone="danger" alert>
          {form.faults.form}
        </Notice>
      )}
      <PasswordField label={t`Password now`} autoComplete="current-password" {...form.text("current")} />
      <NewPasswordField label={t`New password`} personal={[me.user.name, me.user.email]} {...form.text("new")} />
      <div className={css.buttons}>
        <Button type="submit" busy={form.busy}>{t`Change the password`}</Button>
      </div>
    </form>
  );
}

function Sessions() {
  const { t } = useLingui();
  const { client } = useApp();
  const [round, setRound] = useState(0);
  const load = useCallback(
    async () => (await client.get<Page<Session>>("/me/sessions", { query: { round } })).data.data,
    [client, round],
  );
  const sessions = useLoaded(load);
  const end = async (session: Session) => {
    await client.delete(`/me/sessions/${session.id}`).catch(() => undefined);
    setRound((before) => before + 1);
  };
  return (
    <section className={css.section}>
      <h2>{t`Where you are signed in`}</h2>
      {sessions.state === "failed" ? (
        <p className={css.small}>{t`They could not be loaded.`}</p>
      ) : (
        <div className={css.table}>
          <table>
            <caption className="sr">{t`Where you are signed in`}</caption>
            <thead>
              <tr>
                <th scope="col">{t`Browser`}</th>
                <th scope="col" data-more>{t`Last used`}</th>
                <th scope="col">
                  <span className="sr">{t`End it`}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {(sessions.state === "ready" ? sessions.value : []).map((session) => (
                <tr key={session.id}>
                  <td>
                    <b>{browserName(session.agent) ?? t`Unknown browser`}</b>{" "}
                    {session.current && <Chip tone="ok">{t`this one`}</Chip>}
                    <span className={css.small}>
                      {session.ip !== null && t`${session.ip}, since ${fullWhen(new Date(session.created_at))}`}
                    </span>
                  </td>
                  <td data-more>{fullWhen(new Date(session.seen_at))}</td>
                  <td>
                    {!session.current && <Button compact onClick={() => void end(session)}>{t`Sign out there`}</Button>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** The other workspaces of the account, where there are any. */
function Workspaces({ here }: { here: string }) {
  const { t } = useLingui();
  const { client, live } = useApp();
  const load = useCallback(async () => (await client.get<Page<MyWorkspace>>("/me/workspaces")).data.data, [client]);
  const workspaces = useLoaded(load);
  const others = workspaces.state === "ready" ? workspaces.value.filter(({ id }) => id !== here) : [];
  if (others.length === 0) return null;
  const go = async (workspace_id: string) => {
    live.stop();
    await client.post("/session/workspace", { workspace_id });
    location.assign("/");
  };
  return (
    <>
      <hr className={css.rule} />
      <section className={css.section}>
        <h2>{t`Your other workspaces`}</h2>
        <ul className={css.list}>
          {others.map(({ id, name }) => (
            <li key={id} className={css.buttons}>
              <b>{name}</b>
              <Button compact onClick={() => void go(id)}>{t`Go there`}</Button>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
