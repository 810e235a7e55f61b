import { useLingui } from "@lingui/react/macro";
import type { User } from "@partyline/kit/api";
import { useMay, useMe, useTeams, useUsers } from "@partyline/kit/react";
import { Avatar, Button, Chip } from "@partyline/kit/ui";
import { Plus } from "@partyline/kit/ui/icons";
import { Link, useLocation } from "wouter";
import { PageHead } from "../PageParts.tsx";
import css from "../settings.module.css";
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
            <Button look="primary" onClick={() => navigate("/settings/people/new")}>
              <Plus aria-hidden />
              {t`Add a person`}
            </Button>
          )
        }
      />
      <div className={css.body}>
        <PeopleTable users={working} caption={t`People who work here`} />
        {gone.length > 0 && (
          <section className={css.section}>
            <h2>{t`No longer here`}</h2>
            <p className={css.sectionLead}>{t`They can't sign in. What they wrote stays.`}</p>
            <PeopleTable users={gone} caption={t`No longer here`} />
          </section>
        )}
      </div>
    </>
  );
}

function PeopleTable({ users, caption }: { users: readonly User[]; caption: string }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const me = useMe();
  const teams = useTeams();
  const roles = useRoleNames();
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
          {users.map(({ id, name, email, role, active, team_ids }) => (
            // The link in the row does the same for the keyboard.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
            <tr
              key={id}
              data-link
              data-off={active ? undefined : ""}
              onClick={() => navigate(`/settings/people/${id}`)}
            >
              <td>
                <span className={css.who}>
                  <Avatar id={id} name={name} size={24} />
                  <div>
                    <Link href={`/settings/people/${id}`} onClick={(event) => event.stopPropagation()}>
                      {name}
                    </Link>{" "}
                    {id === me?.user.id && <Chip>{t`you`}</Chip>}
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
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
