import { msg, plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { readableNumber, wholeNumber } from "@partyline/kit/i18n";
import { useApp, useSaved } from "@partyline/kit/react";
import { shownKeys } from "@partyline/kit/shortcuts";
import { Avatar, Button, Kbd, Skeleton } from "@partyline/kit/ui";
import { TriangleAlert } from "@partyline/kit/ui/icons";
import { useEffect, useRef, useState } from "react";
import { useLocation, useSearch } from "wouter";
import { placePath } from "../place/index.ts";
import { inOrder, SavedMenu } from "../saved/index.ts";
import { searchPath } from "./address.ts";
import { Facets } from "./Facets.tsx";
import { Filters } from "./Filters.tsx";
import { HitGroup, Marked } from "./HitGroup.tsx";
import { grouped, marksInReadable } from "./query.ts";
import css from "./search.module.css";
import { SaveButton } from "./SaveButton.tsx";
import { SearchBox } from "./SearchBox.tsx";
import { useFacets } from "./useFacets.ts";
import { useFound, type Results } from "./useFound.ts";

/** Everything, by words and operators. The address holds what is looked for. */
export function SearchPage() {
  const { t } = useLingui();
  const { commands } = useApp();
  const [, navigate] = useLocation();
  const q = new URLSearchParams(useSearch()).get("q") ?? "";
  const { results, state, more, again } = useFound(q);
  const facets = useFacets(q, state === "ready" && results?.q === q);
  const box = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);

  const write = (next: string) => navigate(searchPath(next), { replace: true, state: history.state as unknown });
  useEffect(() => {
    document.title = t`Search`;
  }, [t]);
  useEffect(() => {
    const links = () => [...(list.current?.querySelectorAll<HTMLElement>("[data-hit]") ?? [])];
    const step = (by: 1 | -1) => () => {
      const all = links();
      const at = all.findIndex((link) => link === document.activeElement);
      const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
      next?.focus();
      next?.scrollIntoView({ block: "nearest" });
    };
    const group = msg`Search`;
    return commands.add([
      { id: "list.next", title: msg`Next hit`, group, keys: ["J"], unlisted: true, run: step(1) },
      { id: "list.previous", title: msg`Previous hit`, group, keys: ["K"], unlisted: true, run: step(-1) },
      {
        id: "list.back",
        title: msg`Back to the inbox`,
        group,
        keys: ["Escape"],
        inFields: true,
        unlisted: true,
        run: () => navigate(cameFrom()),
      },
      {
        id: "app.search",
        title: msg`Search everything`,
        group,
        keys: ["/"],
        unlisted: true,
        run: () => {
          box.current?.focus();
          box.current?.select();
        },
      },
    ]);
  }, [commands, navigate]);

  const toFirst = () => list.current?.querySelector<HTMLElement>("[data-hit]")?.focus();
  const groups = grouped(results?.hits ?? []);
  return (
    <main className={css.page} data-region="input">
      <h1 className="sr">{t`Search`}</h1>
      <SearchBox ref={box} text={q} results={results} busy={state === "loading"} onChange={write} onDown={toFirst} />
      <Filters
        q={q}
        results={results?.q === q ? results : null}
        onChange={(next) => {
          write(next);
          box.current?.focus();
        }}
        end={q.trim() !== "" && <SaveButton q={q} />}
      />
      <div className={css.columns}>
        {/* A region that scrolls must be reachable by keyboard. */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <div className={css.results} ref={list} role="region" aria-label={t`What was found`} tabIndex={0}>
          {results?.problems.map(({ code, message, span }) => (
            <p key={`${code}-${span.join("-")}`} className={css.problem}>
              <TriangleAlert aria-hidden />
              <span>{message}</span>
            </p>
          ))}
          {q.trim() === "" ? (
            <Beginning onChoose={write} />
          ) : state === "failed" ? (
            <div className={css.centre} role="alert">
              <b>{t`The search did not work`}</b>
              <p>{t`The server did not answer. What you wrote is still there.`}</p>
              <Button onClick={again}>{t`Try again`}</Button>
            </div>
          ) : results === null ? (
            <SkeletonHits />
          ) : (
            <>
              {groups.length > 0 && (
                <div className={css.head}>
                  <span>{t`Newest first.`}</span>
                  <span className={css.keys}>
                    <Kbd keys={shownKeys("list.next", "J")} /> <Kbd keys={shownKeys("list.previous", "K")} /> {t`move`}{" "}
                    <Kbd keys="Enter" /> {t`open`} <Kbd keys={shownKeys("app.search", "/")} /> {t`change`}
                  </span>
                </div>
              )}
              <People results={results} />
              <ul className={css.list}>
                {groups.map((group) => (
                  <HitGroup key={group.conversation} group={group} />
                ))}
              </ul>
              <Foot results={results} busy={state === "loading"} onMore={more} />
            </>
          )}
        </div>
        {facets && results?.q === q && <Facets q={q} terms={results.terms} facets={facets} onChange={write} />}
      </div>
      <span className="sr" role="status">
        {results && state === "ready" ? countOf(results) : ""}
      </span>
    </main>
  );
}

/** Where the search was begun. */
function cameFrom(): string {
  const state = history.state as { from?: unknown } | null;
  return typeof state?.from === "string" ? state.from : "/";
}

function countOf({ hits, next }: Results): string {
  const count = wholeNumber(hits.length);
  return next
    ? plural(hits.length, { other: "More than # hits" })
    : plural(hits.length, { one: `${count} hit`, other: `${count} hits` });
}

function People({ results }: { results: Results }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  if (results.people.length === 0) return null;
  return (
    <section aria-label={t`People`}>
      <h2 className={css.heading}>{t`People`}</h2>
      <ul className={css.people}>
        {results.people.map((person) => {
          const address = person.address ?? "";
          const to = person.conversation_id
            ? placePath({ team: null, view: "all", conversation: person.conversation_id })
            : null;
          const readable = readableNumber(address);
          const number = <Marked text={readable} marks={marksInReadable(address, readable, person.address_marks)} />;
          const inside = (
            <>
              {person.name !== null && <Avatar id={person.id} name={person.name} contact />}
              <b>{person.name === null ? number : <Marked text={person.name} marks={person.name_marks} />}</b>
              {person.name !== null && <span className={css.faint}>{number}</span>}
            </>
          );
          return (
            <li key={person.id}>
              {to === null ? (
                <span className={css.person}>{inside}</span>
              ) : (
                <a
                  data-hit
                  href={to}
                  className={css.person}
                  onClick={(event) => {
                    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                    event.preventDefault();
                    navigate(to);
                  }}
                >
                  {inside}
                </a>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Foot({ results, busy, onMore }: { results: Results; busy: boolean; onMore: () => void }) {
  const { t } = useLingui();
  const { next, hits, people } = results;
  if (next !== null) {
    return (
      <div className={css.foot}>
        {next.older && (
          <p>
            {hits.length === 0
              ? t`Nothing so far. There may be more further back.`
              : t`There may be more further back.`}
          </p>
        )}
        <Button onClick={onMore} busy={busy}>
          {next.older ? t`Search older` : t`Show more`}
        </Button>
      </div>
    );
  }
  if (hits.length > 0) return <p className={css.end}>{t`That is all.`}</p>;
  if (people.length > 0) return <p className={css.end}>{t`Nothing was written with this in it.`}</p>;
  return (
    <div className={css.centre}>
      <b>{t`Nothing was found`}</b>
      <p>{t`Try fewer words, or the beginning of one with a star: heat*. What was written a moment ago can be found a second later.`}</p>
    </div>
  );
}

const EXAMPLES = [
  "water heater",
  '"water heater"',
  "from:0142 has:picture",
  "is:open label:urgent",
  "after:7d -is:closed",
  "has:note assignee:me",
] as const;

function Beginning({ onChoose }: { onChoose: (q: string) => void }) {
  const { t } = useLingui();
  const meanings: Record<(typeof EXAMPLES)[number], string> = {
    "water heater": t`both words, anywhere`,
    '"water heater"': t`one after the other`,
    "from:0142 has:picture": t`pictures from a number, or a part of one`,
    "is:open label:urgent": t`open, with a label`,
    "after:7d -is:closed": t`of the last week, and not closed`,
    "has:note assignee:me": t`notes where I am on it`,
  };
  return (
    <div className={css.beginning}>
      <p>{t`Messages, notes, names, numbers and the names of files.`}</p>
      <ul>
        {EXAMPLES.map((example) => (
          <li key={example}>
            <button type="button" onClick={() => onChoose(example)}>
              <code>{example}</code>
            </button>
            <span>{meanings[example]}</span>
          </li>
        ))}
      </ul>
      <SavedSearches onChoose={onChoose} />
    </div>
  );
}

/** All that are saved, also those that are not pinned. */
function SavedSearches({ onChoose }: { onChoose: (q: string) => void }) {
  const { t } = useLingui();
  const saved = inOrder(useSaved());
  if (saved.length === 0) return null;
  return (
    <section aria-label={t`Saved searches`}>
      <h2>{t`Saved searches`}</h2>
      <ul>
        {saved.map((one) => (
          <li key={one.id}>
            <button type="button" onClick={() => onChoose(one.query)}>
              {one.name}
            </button>
            <span className={css.savedRow}>
              <code className="el">{one.query}</code>
              <SavedMenu saved={one} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function SkeletonHits() {
  const { t } = useLingui();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    // a quick answer needs none
    const timer = setTimeout(() => setShown(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={css.skeletons} role="status" aria-label={t`Searching`}>
      {shown && [62, 48, 71, 40].map((width) => <Skeleton key={width} width={`${width}%`} height={40} />)}
    </div>
  );
}
