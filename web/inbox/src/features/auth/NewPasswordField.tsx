import { useLingui } from "@lingui/react/macro";
import { PasswordField } from "@partyline/kit/ui";
import type { ComponentProps } from "react";
import css from "./NewPasswordField.module.css";
import { PASSWORD_MIN, strengthOf } from "./passwordStrength.ts";

type Props = ComponentProps<typeof PasswordField> & {
  value: string;
  /** Words that make it easy to guess: the email, the name of the business. */
  personal?: readonly string[];
};

const SEGMENTS = [1, 2, 3, 4] as const;

/** A password that is being chosen, with what it is worth. */
export function NewPasswordField({ personal, ...field }: Props) {
  const { t } = useLingui();
  const { level, missing } = strengthOf(field.value, personal);
  const words = {
    0:
      field.value === ""
        ? t`At least ${PASSWORD_MIN} characters. A few words are easy to remember.`
        : t`${missing} more to go`,
    1: t`Easy to guess`,
    2: t`Fair. Longer is better.`,
    3: t`Strong`,
    4: t`Very strong`,
  };
  return (
    <div>
      <PasswordField autoComplete="new-password" {...field} />
      <div className={css.meter} data-level={field.value === "" ? undefined : level}>
        {field.value !== "" && SEGMENTS.map((segment) => <i key={segment} data-on={segment <= level || undefined} />)}
        <span role="status">{words[level]}</span>
      </div>
    </div>
  );
}
