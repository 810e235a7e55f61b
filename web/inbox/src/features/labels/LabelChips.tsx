import { useLingui } from "@lingui/react/macro";
import type { Id } from "@partyline/kit/api";
import { useLabels } from "@partyline/kit/react";
import { LabelDot } from "./LabelDot.tsx";
import css from "./labels.module.css";
import { ownName } from "./names.ts";

type Props = {
  ids: readonly Id[];
  /** The rest is a number. Everything, over several lines, where it is left out. */
  most?: number;
};

/** The labels of a conversation. */
export function LabelChips({ ids, most }: Props) {
  const { t } = useLingui();
  const all = useLabels();
  const labels = ids.flatMap((id) => all.find((label) => label.id === id) ?? []);
  if (labels.length === 0) return null;
  const shown = labels.slice(0, most);
  const rest = labels.slice(shown.length);
  return (
    <span className={css.chips} data-wrap={most === undefined || undefined}>
      {shown.map((label) => (
        <span key={label.id} className={css.chip} title={label.name}>
          <LabelDot colour={label.colour} />
          <span className="el">{ownName(label)}</span>
        </span>
      ))}
      {rest.length > 0 && (
        <span className={css.more} title={rest.map(({ name }) => name).join(", ")}>
          {t`+${rest.length}`}
        </span>
      )}
    </span>
  );
}
