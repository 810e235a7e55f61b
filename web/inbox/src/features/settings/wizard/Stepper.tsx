import { useLingui } from "@lingui/react/macro";
import { CircleCheck } from "@partyline/kit/ui/icons";
import { Link } from "wouter";
import { reachable, STEPS, stepPath, type Draft, type Step } from "./wizard.ts";
import css from "./wizard.module.css";

/** Where one is in the wizard; what is behind can be gone back to. */
export function Stepper({ step, draft, provider }: { step: Step; draft: Draft; provider: string | undefined }) {
  const { t } = useLingui();
  const names: Record<Step, string> = {
    kind: t`Kind`,
    provider: t`Provider`,
    connect: t`Connect`,
    numbers: t`Numbers`,
    route: t`Route`,
    test: t`Test`,
  };
  const at = STEPS.indexOf(step);
  return (
    <nav className={css.stepper} aria-label={t`Steps`}>
      <ol>
        {STEPS.map((one, index) => {
          const state = index === at ? "here" : index < at ? "done" : "ahead";
          const inner = (
            <>
              {state === "done" ? <CircleCheck aria-hidden /> : <span className={css.number}>{index + 1}</span>}
              <span className={css.stepName}>{names[one]}</span>
              {one === "provider" && state === "done" && provider !== undefined && (
                <span className={css.stepDetail}>{provider}</span>
              )}
              {state === "done" && <span className="sr">{t`done`}</span>}
            </>
          );
          return (
            <li key={one} data-state={state}>
              {state !== "here" && reachable(draft, one) ? (
                <Link href={stepPath(one)}>{inner}</Link>
              ) : (
                <span aria-current={state === "here" ? "step" : undefined}>{inner}</span>
              )}
            </li>
          );
        })}
      </ol>
      <span className={css.saved}>{t`Saved. You can leave and come back to this page.`}</span>
    </nav>
  );
}
