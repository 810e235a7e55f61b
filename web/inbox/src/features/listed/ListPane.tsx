import { useLingui } from "@lingui/react/macro";
import { Button, Skeleton } from "@partyline/kit/ui";
import type { ReactNode } from "react";
import css from "./listed.module.css";
import type { Listed } from "./useListed.ts";

export type Tabs<Tab extends string> = {
  label: string;
  all: readonly (readonly [Tab, string])[];
  chosen: Tab;
  onChoose: (tab: Tab) => void;
};

type Props<Row, Tab extends string> = {
  name: string;
  tabs?: Tabs<Tab>;
  /** At the end of the bar. */
  bar?: ReactNode;
  /** Between the bar and the list. */
  above?: ReactNode;
  listed: Listed<Row>;
  /** Said while it loads, where that fails, and where there is nothing. */
  words: { loading: string; failed: string; nothing: string; hint?: string | undefined };
  children: (rows: readonly Row[]) => ReactNode;
};

/** A page that is one list: its name, its tabs, its rows, and what is said where there are none. */
export function ListPane<Row, Tab extends string = never>({
  name,
  tabs,
  bar,
  above,
  listed: { rows, failed, again, more },
  words,
  children,
}: Props<Row, Tab>) {
  const { t } = useLingui();
  return (
    <section className={css.pane} aria-label={name}>
      <div className={css.bar}>
        <h2>{name}</h2>
        {tabs && (
          <div className={css.tabs} role="group" aria-label={tabs.label}>
            {tabs.all.map(([id, word]) => (
              <button key={id} type="button" aria-pressed={id === tabs.chosen} onClick={() => tabs.onChoose(id)}>
                {word}
              </button>
            ))}
          </div>
        )}
        {bar}
      </div>
      {above}
      {failed ? (
        <div className={css.centre} role="alert">
          <b>{words.failed}</b>
          <Button onClick={again}>{t`Try again`}</Button>
        </div>
      ) : rows === null ? (
        <div className={css.skeletons} role="status" aria-label={words.loading}>
          <Skeleton width="70%" height={20} />
          <Skeleton width="52%" height={20} />
          <Skeleton width="61%" height={20} />
        </div>
      ) : rows.length === 0 ? (
        <div className={css.centre}>
          <b>{words.nothing}</b>
          {words.hint && <p>{words.hint}</p>}
        </div>
      ) : (
        <>
          {children(rows)}
          {more && (
            <Button className={css.more} onClick={more}>
              {t`Show more`}
            </Button>
          )}
        </>
      )}
    </section>
  );
}
