import { useLingui } from "@lingui/react/macro";
import { CircleAlert, CircleCheck, TriangleAlert } from "@partyline/kit/ui/icons";
import css from "./channels.module.css";
import type { Health } from "./health.ts";

/** Well, so-so or broken: an icon and a word. */
export function ToneMark({ tone }: { tone: Health["tone"] }) {
  const { t } = useLingui();
  const names = { ok: t`connected`, warn: t`needs a look`, danger: t`not working` };
  const Icon = { ok: CircleCheck, warn: TriangleAlert, danger: CircleAlert }[tone];
  return <Icon role="img" aria-label={names[tone]} className={css.tone} data-tone={tone} />;
}
