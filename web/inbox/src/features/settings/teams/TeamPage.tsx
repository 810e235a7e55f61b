import { useLingui } from "@lingui/react/macro";
import type { Id, Team } from "@partyline/kit/api";
import { useApp, useForm, useMay, useTeams, useUsers } from "@partyline/kit/react";
import { Checkbox, showToast, TextField } from "@partyline/kit/ui";
import { useLocation } from "wouter";
import { FormPage, Missing } from "../PageParts.tsx";
import css from "../settings.module.css";

const LIST = "/settings/teams";

const without = (ids: Id[], id: Id) => ids.filter((other) => other !== id);

/** `id` is a team's, or "new". */
export function TeamPage({ id }: { id: string }) {
  const { t } = useLingui();
  const team = useTeams().find((one) => one.id === id);
  if (id !== "new" && team === undefined) return <Missing what={t`Team`} back={LIST} />;
  return <TeamForm team={team ?? null} />;
}

function TeamForm({ team }: { team: Team | null }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const { client, desk } = useApp();
  const may = useMay("teams.manage");
  const users = useUsers();
  const form = useForm({
    initial: {
      name: team?.name ?? "",
      closed: team?.closed ?? false,
      member_ids: team?.member_ids ?? ([] as Id[]),
      observer_ids: team?.observer_ids ?? ([] as Id[]),
    },
    check: ({ name }) => ({ name: name.trim() === "" ? t`Write what the team is called.` : null }),
    submit: async (values, key) => {
      // a new team has none who only observe
      const { observer_ids, ...body } = values;
      const saved =
        team === null
          ? client.post<Team>("/teams", body, { idempotencyKey: key.for(body) })
          : client.patch<Team>(`/teams/${team.id}`, { ...body, observer_ids });
      desk.putRow("teams", await saved);
      showToast({ id: "team", text: t`Saved` });
      navigate(LIST);
    },
  });
  const { member_ids: members, observer_ids: observers } = form.values;
  const title = team?.name ?? t`Add a team`;
  const shown = users.filter(({ id, active }) => active || members.includes(id));
  return (
    <FormPage title={title} back={LIST} form={form} may={may} save={team === null ? t`Add the team` : t`Save`}>
      <TextField label={t`Name`} autoComplete="off" autoFocus={team === null} disabled={!may} {...form.text("name")} />
      <fieldset className={css.list} disabled={!may}>
        <legend>{t`Members`}</legend>
        {shown.map(({ id, name, email }) => (
          <div key={id} className={css.pair}>
            <Checkbox
              hint={email}
              checked={members.includes(id)}
              onChange={(inside) => {
                form.set("member_ids", inside ? [...members, id] : without(members, id));
                if (!inside) form.set("observer_ids", without(observers, id));
              }}
            >
              {name}
            </Checkbox>
            {team !== null && members.includes(id) && (
              <Checkbox
                aria-label={t`Only observes: ${name}`}
                checked={observers.includes(id)}
                onChange={(observes) =>
                  form.set("observer_ids", observes ? [...observers, id] : without(observers, id))
                }
              >
                {t`Only observes`}
              </Checkbox>
            )}
          </div>
        ))}
        {team !== null && (
          <p className={css.small}>{t`Who only observes sees it and may answer, but is not counted on.`}</p>
        )}
      </fieldset>
      <fieldset className={css.list} disabled={!may}>
        <legend>{t`Who sees it`}</legend>
        <Checkbox
          hint={t`Its conversations are seen by its members, and by admins and owners.`}
          checked={form.values.closed}
          onChange={(closed) => form.set("closed", closed)}
        >
          {t`Closed team`}
        </Checkbox>
      </fieldset>
    </FormPage>
  );
}
