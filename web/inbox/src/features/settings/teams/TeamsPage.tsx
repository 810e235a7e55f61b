import { Plural, useLingui } from "@lingui/react/macro";
import { useMay, useTeams, useUsers } from "@partyline/kit/react";
import { Avatar, Button, Chip } from "@partyline/kit/ui";
import { Lock, Plus } from "@partyline/kit/ui/icons";
import { Link, useLocation } from "wouter";
import { PageHead } from "../PageParts.tsx";
import css from "../settings.module.css";

/** Faces drawn of a team; the number says the rest. */
const MOST_FACES = 6;

export function TeamsPage() {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const may = useMay("teams.manage");
  const teams = useTeams();
  const users = useUsers();
  return (
    <>
      <PageHead
        title={t`Teams`}
        actions={
          may && (
            <Button look="primary" onClick={() => navigate("/settings/teams/new")}>
              <Plus aria-hidden />
              {t`Add a team`}
            </Button>
          )
        }
      />
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
                  // The link in the row does the same for the keyboard.
                  // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
                  <tr key={id} data-link onClick={() => navigate(`/settings/teams/${id}`)}>
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
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      </div>
    </>
  );
}
