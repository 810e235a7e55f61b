import { useLingui } from "@lingui/react/macro";
import { useMe, useSaved } from "@partyline/kit/react";
import { Bookmark } from "@partyline/kit/ui/icons";
import { useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { pinnedFor, SavedMenu } from "../saved/index.ts";
import { searchPath } from "../search/address.ts";
import css from "./mailbox.module.css";

/** The searches that are pinned: one's own, one's teams', everybody's. They have no counts: each would be a search of its own. */
export function SavedItems() {
  const { t } = useLingui();
  const [path, navigate] = useLocation();
  const search = useSearch();
  const me = useMe()?.user;
  const all = useSaved();
  const saved = useMemo(() => pinnedFor(all, me), [all, me]);
  if (saved.length === 0) return null;
  const q = path === "/search" ? new URLSearchParams(search).get("q") : null;
  const first = saved.findIndex(({ query }) => query === q);
  return (
    <>
      <h2 className={css.heading}>{t`Saved`}</h2>
      {saved.map((one, at) => (
        <div key={one.id} className={css.team}>
          <a
            href={searchPath(one.query)}
            className={css.nav}
            aria-current={at === first ? "page" : undefined}
            data-tip={one.query}
            draggable={false}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
              event.preventDefault();
              navigate(searchPath(one.query), { state: { from: path === "/search" ? "/" : path } });
            }}
          >
            <Bookmark aria-hidden />
            <span className="el">{one.name}</span>
          </a>
          <SavedMenu saved={one} className={css.fold} />
        </div>
      ))}
    </>
  );
}
