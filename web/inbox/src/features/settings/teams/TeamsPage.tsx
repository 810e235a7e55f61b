import { Plural, useLingui } from "@lingui/react/macro";
import { useMay, useTeams, useUsers } from "@partyline/kit/react";
import { Avatar, Chip } from "@partyline/kit/ui";
import { Lock } from "@partyline/kit/ui/icons";
import { Link } from "wouter";
import { AddButton, LinkRow, PageHead } from "../PageParts.tsx";
import css from "../settings.module.css";

/** Faces drawn of a team; the number says the rest. */
const MOST_FACES = 6;

export function TeamsPage() {
  const { t } = useLingui();
  const may = useMay("teams.manage");
  const teams = useTeams();
  const users = useUsers();
  return (
    <>
      <PageHead title={t`Teams`} actions={may && <AddButton to="/settings/teams/new">{t`Add a team`}</AddButton>} />
      <div className={css.body}>
        <div className={css.table}>
          <table>
            <caption className="sr">{t`Teams`}</caption>
            <thead>
              <tr>
                <th scope="col">{t`Name`}</th>
                <th scope="col" data-more>{t`Members`}</th>
              </tr>
            </thead>
            <tbody>
              {teams.map(({ id, name, member_ids, closed }) => {
                const members = users.filter((user) => member_ids.includes(user.id));
                return (
                  <LinkRow key={id} to={`/settings/teams/${id}`}>
                    <td>
                      <span className={css.who}>
                        <div>
                          <Link href={`/settings/teams/${id}`} onClick={(event) => event.stopPropagation()}>
                            {name}
                          </Link>
                          <span className={css.small}>
                            <Plural value={members.length} one="# person" other="# people" />
                          </span>
                        </div>
                        {closed && (
                          <Chip>
                            <Lock aria-hidden />
                            {t`closed`}
                          </Chip>
                        )}
                      </span>
                    </td>
                    <td data-more>
                      <span className={css.faces}>
                        {members.slice(0, MOST_FACES).map((user) => (
                          <Avatar key={user.id} id={user.id} name={user.name} size={24} />
                        ))}
                        {members.length > MOST_FACES && t`and ${members.length - MOST_FACES} more`}
                      </span>
                    </td>
                  </LinkRow>
                );
              })}
            </tbody>
          </table>
        </div>
      </div>
    </>
  );
}
