import { useLingui } from "@lingui/react/macro";
import type { SearchTerm } from "@partyline/kit/api";
import { useChannels, useLabels, useUsers, useVisibleTeams } from "@partyline/kit/react";
import { IconButton, Menu, type MenuItem } from "@partyline/kit/ui";
import { ChevronDown, X } from "@partyline/kit/ui/icons";
import type { ReactNode } from "react";
import { quoted, withoutTerm, withTerm } from "./query.ts";
import css from "./search.module.css";
import type { Results } from "./useFound.ts";

type Props = { q: string; results: Results | null; onChange: (q: string) => void; end: ReactNode };

/** Each operator of the query as a chip that takes it away, and menus that put one in. */
export function Filters({ q, results, onChange, end }: Props) {
  const { t } = useLingui();
  const teams = useVisibleTeams();
  const labels = useLabels();
  const users = useUsers();
  const channels = useChannels();
  const put = (id: string, label: string, term = id): MenuItem => ({
    id,
    label,
    detail: <code>{term}</code>,
    onSelect: () => onChange(withTerm(q, term)),
  });
  const menus: { name: string; items: MenuItem[] }[] = [
    { name: t`Team`, items: teams.map(({ id, name }) => put(id, name, `in:${quoted(name)}`)) },
    {
      name: t`Channel`,
      items: [
        put("sms", t`SMS`, "channel:sms"),
        put("notes", t`Notes`, "channel:notes"),
        ...channels.map(({ id, name }) => put(id, name, `channel:${quoted(name)}`)),
      ],
    },
    {
      name: t`Assignee`,
      items: [
        put("me", t`Me`, "assignee:me"),
        put("nobody", t`Nobody`, "assignee:nobody"),
        ...users
          .filter(({ active, role }) => active && role !== "viewer")
          .map(({ id, name }) => put(id, name, `assignee:${quoted(name)}`)),
      ],
    },
    { name: t`Label`, items: labels.map(({ id, name }) => put(id, name, `label:${quoted(name)}`)) },
    {
      name: t`Has`,
      items: [
        put("attachment", t`A file`, "has:attachment"),
        put("picture", t`A picture`, "has:picture"),
        put("note", t`A note`, "has:note"),
      ],
    },
    {
      name: t`Status`,
      items: [
        put("open", t`Open`, "is:open"),
        put("snoozed", t`Snoozed`, "is:snoozed"),
        put("closed", t`Closed`, "is:closed"),
        put("unread", t`Unread`, "is:unread"),
        put("waiting", t`Waiting`, "is:waiting"),
        put("urgent", t`Urgent`, "is:urgent"),
        put("failed", t`Not delivered`, "is:failed"),
      ],
    },
    {
      name: t`When`,
      items: [
        put("today", t`Today`, "after:today"),
        put("week", t`The last 7 days`, "after:7d"),
        put("month", t`The last 30 days`, "after:30d"),
        put("year", t`The last 365 days`, "after:365d"),
      ],
    },
  ];
  const chips = results?.terms.filter(({ operator }) => operator !== null) ?? [];
  return (
    <div className={css.filters} role="group" aria-label={t`Narrow it down`}>
      {chips.map((term) => (
        <span key={term.span.join("-")} className={css.chip}>
          <TermWords term={term} />
          <IconButton label={t`Take away ${term.text}`} compact onClick={() => onChange(withoutTerm(q, term))}>
            <X aria-hidden />
          </IconButton>
        </span>
      ))}
      {menus
        .filter(({ items }) => items.length > 0)
        .map(({ name, items }) => (
          <Menu
            key={name}
            sections={[{ id: name, items }]}
            trigger={
              <button type="button" className={css.menu}>
                {name}
                <ChevronDown aria-hidden />
              </button>
            }
          />
        ))}
      {end}
    </div>
  );
}

function TermWords({ term }: { term: SearchTerm }) {
  const { t } = useLingui();
  const { value } = term;
  const words: Record<string, string> = {
    from: t`From ${value}`,
    to: t`To ${value}`,
    in: t`In ${value}`,
    label: t`Label ${value}`,
    assignee: t`Assignee ${value}`,
    channel: t`Channel ${value}`,
    is: t`Is ${value}`,
    has: t`Has ${value}`,
    before: t`Before ${value}`,
    after: t`Since ${value}`,
  };
  const said = words[term.operator ?? ""] ?? term.text;
  return <span className="el">{term.negated ? t`Not: ${said}` : said}</span>;
}
