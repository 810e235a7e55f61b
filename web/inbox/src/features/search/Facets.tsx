import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { FacetList, SearchFacets, SearchTerm } from "@partyline/kit/api";
import { readableNumber, wholeNumber } from "@partyline/kit/i18n";
import { useMinute } from "@partyline/kit/react";
import { Checkbox } from "@partyline/kit/ui";
import { useId } from "react";
import { monthTerms, quoted, withoutTerms, withTerm } from "./query.ts";
import css from "./search.module.css";

type Props = { q: string; terms: readonly SearchTerm[]; facets: SearchFacets; onChange: (q: string) => void };
type Row = { value: string; name: string; count: number; terms: string[] };

const rowsOf = (list: FacetList, name: (value: string) => string, terms: (value: string) => string[]): Row[] =>
  list.data.map(({ value, count }) => ({ value, name: name(value), count, terms: terms(value) }));

/** How what was found spreads, with a tick for each part: ticking it narrows the search down to it. */
export function Facets({ q, terms, facets, onChange }: Props) {
  const { t, i18n } = useLingui();
  const kinds: Record<string, string> = { sms: t`SMS`, notes: t`Notes` };
  const thisYear = String(new Date(useMinute()).getFullYear());
  const month = (value: string) => {
    const style = value.startsWith(thisYear)
      ? { month: "long" as const }
      : { month: "short" as const, year: "numeric" as const };
    return new Intl.DateTimeFormat(i18n.locale, { ...style, timeZone: "UTC" }).format(
      new Date(`${value}-01T00:00:00Z`),
    );
  };
  const groups = [
    {
      name: t`Channel`,
      list: facets.channels,
      rows: rowsOf(
        facets.channels,
        (value) => kinds[value] ?? value,
        (value) => [`channel:${value}`],
      ),
    },
    {
      name: t`Person`,
      list: facets.people,
      rows: rowsOf(
        facets.people,
        (value) => readableNumber(value),
        (value) => [`from:${quoted(value)}`],
      ),
    },
    {
      name: t`When`,
      list: facets.months,
      rows: rowsOf(facets.months, month, monthTerms),
    },
  ].filter((group) => group.rows.length > 0);
  const { hits, conversations, hidden, complete } = facets;
  const [found, places] = [wholeNumber(hits), wholeNumber(conversations)];
  const isIn = (row: Row) => row.terms.every((term) => terms.some(({ text }) => same(text, term)));
  const toggle = (row: Row) =>
    onChange(isIn(row) ? withoutTerms(q, terms, row.terms) : row.terms.toReversed().reduce(withTerm, q));
  return (
    <aside className={css.facets} aria-label={t`What was found, counted`}>
      <header>
        <b>
          {complete
            ? plural(hits, { one: `${found} result`, other: `${found} results` })
            : plural(hits, { other: `${found}+ results` })}
        </b>
        <span>{plural(conversations, { one: `${places} conversation`, other: `${places} conversations` })}</span>
      </header>
      {groups.map((group) => (
        <FacetGroup
          key={group.name}
          name={group.name}
          rows={group.rows}
          list={group.list}
          isIn={isIn}
          onToggle={toggle}
        />
      ))}
      {hidden > 0 && (
        <p>
          {plural(hidden, {
            one: "Not shown: # result in private conversations that you cannot open.",
            other: "Not shown: # results in private conversations that you cannot open.",
          })}
        </p>
      )}
      {!complete && <p>{t`Only the newest part was counted. There may be more further back.`}</p>}
    </aside>
  );
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

type GroupProps = {
  name: string;
  rows: readonly Row[];
  list: FacetList;
  isIn: (row: Row) => boolean;
  onToggle: (row: Row) => void;
};

function FacetGroup({ name, rows, list, isIn, onToggle }: GroupProps) {
  const id = useId();
  const most = Math.max(list.others_count, ...rows.map(({ count }) => count));
  return (
    <section role="group" aria-labelledby={id}>
      <h2 id={id}>{name}</h2>
      {rows.map((row) => (
        <label key={row.value}>
          <Checkbox checked={isIn(row)} onChange={() => onToggle(row)} />
          <span className="el">{row.name}</span>
          <meter className={css.share} min={0} max={most} value={row.count} aria-hidden="true" />
          <span className={css.facetCount}>{wholeNumber(row.count)}</span>
        </label>
      ))}
      {list.others > 0 && (
        <div className={css.otherFacets}>
          <span className="el">{plural(list.others, { one: "# other", other: "# others" })}</span>
          <meter className={css.share} min={0} max={most} value={list.others_count} aria-hidden="true" />
          <span className={css.facetCount}>{wholeNumber(list.others_count)}</span>
        </div>
      )}
    </section>
  );
}
