import { useLingui } from "@lingui/react/macro";
import type { Id, Role } from "@partyline/kit/api";
import { useMe, useTeams } from "@partyline/kit/react";
import { Checkbox, ChoiceCards } from "@partyline/kit/ui";
import css from "../settings.module.css";
import { givableRoles, useRoleHints, useRoleNames } from "./roles.ts";

export function RoleChoice({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const { t } = useLingui();
  const own = useMe()?.user.role ?? "viewer";
  const names = useRoleNames();
  const hints = useRoleHints();
  return (
    <ChoiceCards<Role>
      stacked
      legend={t`Role`}
      name="role"
      value={value}
      onChange={onChange}
      choices={givableRoles(own).map((role) => ({ value: role, label: names[role], hint: hints[role] }))}
    />
  );
}

export function TeamChoice({ value, onChange }: { value: readonly Id[]; onChange: (ids: Id[]) => void }) {
  const { t } = useLingui();
  const teams = useTeams();
  if (teams.length === 0) return null;
  return (
    <fieldset className={css.list}>
      <legend>{t`Teams`}</legend>
      {teams.map(({ id, name }) => (
        <Checkbox
          key={id}
          checked={value.includes(id)}
          onChange={(inside) => onChange(inside ? [...value, id] : value.filter((other) => other !== id))}
        >
          {name}
        </Checkbox>
      ))}
    </fieldset>
  );
}
