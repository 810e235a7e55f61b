import { useLingui } from "@lingui/react/macro";
import type { Check } from "@partyline/kit/api";
import { CircleAlert, CircleCheck, TriangleAlert } from "@partyline/kit/ui/icons";
import css from "./onboarding.module.css";

const ICONS = { ok: CircleCheck, warn: TriangleAlert, fail: CircleAlert } as const;

/** What the server found out about itself. */
export function ServerChecks({ checks }: { checks: readonly Check[] }) {
  const { t } = useLingui();
  const names: Record<string, string> = {
    storage: t`Storage`,
    public_url: t`Reachable from outside`,
    certificate: t`Certificate`,
    clock: t`Clock`,
    email: t`Outgoing email`,
    backup: t`Backup`,
  };
  const states = { ok: t`fine`, warn: t`works, with a limit`, fail: t`does not work` };
  return (
    <ul className={css.checks} aria-live="polite">
      {checks.map(({ name, state, detail }) => {
        const Icon = ICONS[state];
        return (
          <li key={name} data-state={state}>
            <Icon aria-label={states[state]} role="img" />
            <div>
              <span>{names[name] ?? name}</span>
              <span className={css.checkDetail}>{detail}</span>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
