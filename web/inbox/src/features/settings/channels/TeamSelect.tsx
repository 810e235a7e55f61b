import { useLingui } from "@lingui/react/macro";
import type { Id } from "@partyline/kit/api";
import { Select } from "@partyline/kit/ui";

type TeamSelectProps = {
  teams: readonly { id: Id; name: string }[];
  value: Id | null;
  onChange: (team: Id | null) => void;
  id?: string;
  label?: string;
  none?: boolean;
  disabled?: boolean;
};
/** No team's id is like it. */
const NONE = "none";

/** A team; with `none`, also nobody's. */
export function TeamSelect({ teams, value, onChange, none, ...rest }: TeamSelectProps) {
  const { t } = useLingui();
  const options = teams.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <Select
      {...rest}
      options={none ? [...options, { value: NONE, label: t`No team` }] : options}
      value={value ?? (none ? NONE : null)}
      placeholder={t`Choose a team`}
      onChange={(team) => onChange(team === NONE ? null : team)}
    />
  );
}
