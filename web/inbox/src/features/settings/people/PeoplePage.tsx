import { useLingui } from "@lingui/react/macro";
import type { Invitation, Page, User } from "@partyline/kit/api";
import { fullWhen, shortWhen } from "@partyline/kit/i18n";
import { useApp, useMay, useMe, useMinute, useTeams, useUsers } from "@partyline/kit/react";
import { Avatar, Button, Chip } from "@partyline/kit/ui";
import { useCallback, useState } from "react";
import { Link, useLocation } from "wouter";
import { AddButton, LinkRow, PageHead } from "../PageParts.tsx";
import css from "../settings.module.css";
import { useLoaded } from "../useLoaded.ts";
import { LetterLine } from "./LetterLine.tsx";
import { useRoleNames } from "./roles.ts";

export function PeoplePage() {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const may = useMay("people.manage");
  const users = useUsers();
  const working = users.filter(({ active }) => active);
  const gone = users.filter(({ active }) => !active);
  return (
    <>
      <PageHead
        title={t`People`}
        actions={
          may && (
            <>
              <Button onClick={() => navigate("/settings/people/new")}>{t`Add a person`}</Button>
              <AddButton to="/settings/people/invite">{t`Invite`}</AddButton>
            </>
          )
        }
      />
      <div className={css.body}>
        <PeopleTable users={working} caption={t`People who work here`} />
        {may && <Invitations />}
        {gone.length > 0 && (
          <section className={css.section}>
            <h2>{t`No longer here`}</h2>
            <p className={css.sectionLead}>{t`They can’t sign in. What they wrote stays.`}</p>
            <PeopleTable users={gone} caption={t`No longer here`} />
          </section>
        )}
      </div>
    </>
  );
}

/** Links that somebody can still join by. */
function Invitations() {
  const { t } = useLingui();
  const { client } = useApp();
  const users = useUsers();
  const roles = useRoleNames();
  const now = useMinute();
  const [round, setRound] = useState(0);
  const load = useCallback(
    async () => (await client.get<Page<Invitation>>("/invitations", { query: { round } })).data.data,
    [client, round],
  );
  const loaded = useLoaded(load);
  const open = (loaded.state === "ready" ? loaded.value : []).filter(
    ({ accepted_at, revoked_at, expires_at }) =>
      accepted_at === null && revoked_at === null && Date.parse(expires_at) > now,
  );
  if (open.length === 0) return null;
  const revoke = async (id: string) => {
    await client.delete(`/invitations/${id}`).catch(() => undefined);
    setRound((before) => before + 1);
  };
  return (
    <section className={css.section}>
      <h2>{t`Invited`}</h2>
      <div className={css.table}>
        <table>
          <caption className="sr">{t`Invited`}</caption>
          <thead>
            <tr>
              <th scope="col">{t`Who`}</th>
              <th scope="col" data-more>{t`By`}</th>
              <th scope="col">{t`Role`}</th>
              <th scope="col">
                <span className="sr">{t`Take back`}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {open.map(({ id, email, role, invited_by, expires_at, mail }) => (
              <tr key={id}>
                <td>
                  <b>{email ?? t`Whoever has the link`}</b>
                  <span className={css.small}>{t`until ${fullWhen(new Date(expires_at))}`}</span>
                  {mail !== null && <LetterLine letter={mail} />}
                </td>
                <td data-more>{users.find((user) => user.id === invited_by)?.name}</td>
                <td>{roles[role]}</td>
                <td>
                  <Button compact onClick={() => void revoke(id)}>{t`Take back`}</Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function PeopleTable({ users, caption }: { users: readonly User[]; caption: string }) {
  const { t } = useLingui();
  const me = useMe();
  const teams = useTeams();
  const roles = useRoleNames();
  const now = useMinute();
  return (
    <div className={css.table}>
      <table>
        <caption className="sr">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{t`Name`}</th>
            <th scope="col" data-more>{t`Teams`}</th>
            <th scope="col">{t`Role`}</th>
          </tr>
        </thead>
        <tbody>
          {users.map(({ id, name, email, role, active, team_ids, away_until }) => (
            <LinkRow key={id} to={`/settings/people/${id}`} off={!active}>
              <td>
                <span className={css.who}>
                  <Avatar id={id} name={name} size={24} />
                  <div>
                    <Link href={`/settings/people/${id}`} onClick={(event) => event.stopPropagation()}>
                      {name}
                    </Link>{" "}
                    {id === me?.user.id && <Chip>{t`you`}</Chip>}
                    {away_until !== null && Date.parse(away_until) > now && (
                      <Chip>{t`away until ${shortWhen(new Date(away_until), new Date(now))}`}</Chip>
                    )}
                    <span className={css.small}>{email}</span>
                  </div>
                </span>
              </td>
              <td data-more>
                {teams
                  .filter((team) => team_ids.includes(team.id))
                  .map((team) => team.name)
                  .join(", ")}
              </td>
              <td>{roles[role]}</td>
            </LinkRow>
          ))}
        </tbody>
      </table>
    </div>
  );
}
