import { useLingui } from "@lingui/react/macro";
import { useCounts, useMay, useUnseen } from "@partyline/kit/react";
import { Menu } from "@partyline/kit/ui";
import { CircleUser, Inbox, Search, SquarePen, UserCheck } from "@partyline/kit/ui/icons";
import { useLocation } from "wouter";
import css from "./mailbox.module.css";
import { wholePage, type Place } from "../place/index.ts";
import { shortCount } from "./Sidebar.tsx";
import { useUserMenu } from "./UserMenu.tsx";

type Props = { place: Place; onGo: (place: Place) => void; onNew: () => void; onPalette: () => void };

/** The bar at the bottom of a phone. */
export function MobileTabs({ place, onGo, onNew, onPalette }: Props) {
  const { t } = useLingui();
  const counts = useCounts();
  const sections = useUserMenu();
  const mayWrite = useMay("conversation.reply");
  const [path] = useLocation();
  const unseen = useUnseen();
  const elsewhere = wholePage(path) !== null;
  const mine = place.view === "mine" && place.team === null;
  const searching = place.team === "";
  return (
    <nav className={css.tabbar} aria-label={t`Main`}>
      <button
        type="button"
        aria-current={mine || elsewhere || searching ? undefined : "page"}
        onClick={() => onGo({ team: null, view: "all", conversation: null })}
      >
        <Inbox aria-hidden />
        <Badge count={counts?.unassigned.unread} />
        {t`Inbox`}
      </button>
      <button
        type="button"
        aria-current={mine ? "page" : undefined}
        onClick={() => onGo({ team: null, view: "mine", conversation: null })}
      >
        <UserCheck aria-hidden />
        <Badge count={counts?.mine.unread} />
        {t`Mine`}
      </button>
      <button type="button" aria-current={searching ? "page" : undefined} onClick={onPalette}>
        <Search aria-hidden />
        {t`Search`}
      </button>
      {mayWrite && (
        <button type="button" onClick={onNew}>
          <SquarePen aria-hidden />
          {t`New`}
        </button>
      )}
      <Menu
        side="top"
        align="end"
        sections={sections}
        trigger={
          <button type="button">
            <CircleUser aria-hidden />
            <Badge count={unseen} />
            {t`Me`}
          </button>
        }
      />
    </nav>
  );
}

function Badge({ count }: { count: number | undefined }) {
  return count ? <span className={css.badge}>{shortCount(count)}</span> : null;
}
