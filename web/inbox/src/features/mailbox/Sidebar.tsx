import { useLingui } from "@lingui/react/macro";
import type { Id, Label, LabelView, Tally, Team, View } from "@partyline/kit/api";
import { wholeNumber } from "@partyline/kit/i18n";
import { tallyOf } from "@partyline/kit/store";
import {
  lately,
  useCounts,
  useHeldCount,
  useLabels,
  useMay,
  useMe,
  useUnseen,
  useVisibleTeams,
} from "@partyline/kit/react";
import { shownKeys } from "@partyline/kit/shortcuts";
import { classes, IconButton, Kbd, Mark } from "@partyline/kit/ui";
import {
  Archive,
  AtSign,
  Ban,
  Bell,
  BellRing,
  CalendarClock,
  ChevronDown,
  ChevronRight,
  Clock,
  Inbox,
  LayoutList,
  ListChecks,
  MailWarning,
  Pencil,
  Search,
  Send,
  Settings,
  SquarePen,
  Trash,
  UserX,
  Users,
} from "@partyline/kit/ui/icons";
import { Suspense, useMemo, useState, type DragEvent, type MouseEvent, type ReactNode } from "react";
import { useLocation } from "wouter";
import { PAGES } from "../../routes.tsx";
import { dropped, hangs, useManyActions } from "../conversation/index.ts";
import { asTree, depth, isAbove, LabelDot, ownName } from "../labels/index.ts";
import css from "./mailbox.module.css";
import {
  DRAFTS_PATH,
  NOTIFICATIONS_PATH,
  placePath,
  SCHEDULED_PATH,
  SENT_PATH,
  TASKS_PATH,
  viewLabel,
  wholePage,
  type Place,
} from "../place/index.ts";

import { heldWords, UserMenu } from "./UserMenu.tsx";

/** Below everything that is seen first. */
const { Lately: SavedItems } = lately(async () => (await import("./SavedItems.tsx")).SavedItems);

type Props = { place: Place; onGo: (place: Place) => void; onNew: () => void; onPalette: () => void };

const TEAM_VIEWS: readonly View[] = ["unassigned", "mine", "all", "snoozed", "closed"];
/** Looked at now and then. */
const RARE_VIEWS: readonly View[] = ["spam", "trash"];
const BADGE_MAX = 99;
/** px by which a label stands in from the one above it. */
const INDENT_PX = 16;

export function Sidebar({ place, onGo, onNew, onPalette }: Props) {
  const { t } = useLingui();
  const me = useMe();
  const teams = useVisibleTeams();
  const many = useManyActions();
  const mayWrite = useMay("conversation.reply");
  const mayTriage = useMay("conversation.triage");
  const counts = useCounts();
  const [path] = useLocation();
  const here = (view: View) => place.team === null && place.view === view && wholePage(path) === null;
  const item = (view: View, icon: ReactNode, onDrop?: (ids: readonly Id[]) => void) => (
    <NavItem
      place={{ team: null, view, conversation: null }}
      icon={icon}
      label={viewLabel(view)}
      tally={view === "closed" ? undefined : tallyOf(counts, view)}
      current={here(view)}
      onGo={onGo}
      onDrop={onDrop}
    />
  );
  return (
    <nav className={css.side} aria-label={t`Mailboxes`} data-region='[aria-current="page"]'>
      <div className={css.workspace}>
        <Mark />
        <b className="el">{me?.workspace.name}</b>
        <BellButton />
        {mayWrite && (
          <IconButton
            label={t`New conversation`}
            keys={shownKeys("app.new", "C")}
            compact
            onClick={onNew}
            className={css.new}
          >
            <SquarePen aria-hidden />
          </IconButton>
        )}
      </div>
      <button
        type="button"
        className={css.find}
        onClick={onPalette}
        aria-keyshortcuts={shownKeys("app.palette", "Ctrl+K")?.replace("Ctrl", "Control")}
      >
        <Search aria-hidden />
        <span className="el">{t`Search or jump`}</span>
        <span className={css.gap} />
        <Kbd keys={shownKeys("app.palette", "Ctrl+K")} />
      </button>
      <div className={css.navs}>
        {item("mine", <Inbox aria-hidden />, mayTriage && me ? (ids) => many.assign(ids, [me.user]) : undefined)}
        {item("mentions", <AtSign aria-hidden />)}
        {item("following", <Bell aria-hidden />, (ids) => void many.follow(ids))}
        <TasksItem />
        <DraftsItem />
        {item("mine_snoozed", <Clock aria-hidden />)}
        <PageItem
          path={SCHEDULED_PATH}
          icon={<CalendarClock aria-hidden />}
          label={t`Scheduled`}
          count={counts?.scheduled}
        />
        <PageItem path={SENT_PATH} icon={<Send aria-hidden />} label={t`Sent`} />
        <h2 className={css.heading}>{t`Everybody`}</h2>
        {item("unassigned", <UserX aria-hidden />, mayTriage ? (ids) => many.assign(ids, []) : undefined)}
        {item("all", <LayoutList aria-hidden />)}
        {item("closed", <Archive aria-hidden />, mayTriage ? (ids) => many.close(ids) : undefined)}
        {teams.length > 0 && <h2 className={css.heading}>{t`Teams`}</h2>}
        {teams.map((team) => (
          <TeamItems key={team.id} team={team} place={place} onGo={onGo} />
        ))}
        <LabelItems place={place} onGo={onGo} />
        <Suspense fallback={null}>
          <SavedItems />
        </Suspense>
        <RareItems place={place} onGo={onGo} />
      </div>
      <span className={css.gap} />
      <SettingsLink />
      <hr className={css.rule} />
      <UserMenu />
    </nav>
  );
}

function TeamItems({ team, place, onGo }: { team: Team; place: Place; onGo: (place: Place) => void }) {
  const { t } = useLingui();
  const many = useManyActions();
  const mayTriage = useMay("conversation.triage");
  const counts = useCounts()?.teams[team.id];
  const inside = place.team === team.id;
  const [open, setOpen] = useState(inside);
  const [wasInside, setWasInside] = useState(inside);
  if (inside !== wasInside) {
    setWasInside(inside);
    if (inside) setOpen(true);
  }
  return (
    <>
      <div className={css.team} data-inside={inside || undefined}>
        <NavItem
          place={{ team: team.id, view: "all", conversation: null }}
          icon={<Users aria-hidden />}
          label={team.name}
          tally={open ? undefined : counts?.unassigned}
          onGo={onGo}
          onDrop={mayTriage ? (ids) => many.move(ids, team) : undefined}
        />
        <button
          type="button"
          className={css.fold}
          aria-expanded={open}
          aria-label={open ? t`Fold ${team.name}` : t`Unfold ${team.name}`}
          onClick={() => setOpen(!open)}
        >
          {open ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}
        </button>
      </div>
      {open &&
        TEAM_VIEWS.map((view) => (
          <NavItem
            key={view}
            sub
            place={{ team: team.id, view, conversation: null }}
            label={viewLabel(view, [], true)}
            tally={view === "closed" ? undefined : tallyOf(counts, view)}
            current={inside && place.view === view}
            onGo={onGo}
          />
        ))}
    </>
  );
}

/** The labels, each below what is above it. Those below another are folded away until they are wanted. */
function LabelItems({ place, onGo }: { place: Place; onGo: (place: Place) => void }) {
  const { t } = useLingui();
  const many = useManyActions();
  const mayTriage = useMay("conversation.triage");
  const counts = useCounts();
  const all = useLabels();
  const labels = useMemo(() => asTree(all), [all]);
  const [unfolded, setUnfolded] = useState<ReadonlySet<Id>>(new Set());
  if (labels.length === 0) return null;
  const current = labels.find(({ id }) => id === place.view);
  const isOpen = (label: Label) => unfolded.has(label.id) || (current !== undefined && isAbove(label, current));
  const isShown = (label: Label) => labels.every((other) => !isAbove(other, label) || isOpen(other));
  const fold = (label: Label) => {
    const next = new Set(unfolded);
    if (!next.delete(label.id)) next.add(label.id);
    setUnfolded(next);
  };
  return (
    <>
      <h2 className={css.heading}>{t`Labels`}</h2>
      {labels.filter(isShown).map((label) => {
        const view = label.id as LabelView;
        const open = isOpen(label);
        return (
          <div key={label.id} className={css.team} style={{ paddingInlineStart: depth(label) * INDENT_PX }}>
            <NavItem
              place={{ team: null, view, conversation: null }}
              icon={
                <span className={css.dot}>
                  <LabelDot colour={label.colour} />
                </span>
              }
              label={ownName(label)}
              tally={tallyOf(counts, view)}
              current={place.team === null && place.view === view}
              onGo={onGo}
              onDrop={mayTriage ? (ids) => many.addLabel(ids, label.id) : undefined}
            />
            {labels.some((other) => isAbove(label, other)) && (
              <button
                type="button"
                className={css.fold}
                aria-expanded={open}
                aria-label={open ? t`Fold ${label.name}` : t`Unfold ${label.name}`}
                onClick={() => fold(label)}
              >
                {open ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}
              </button>
            )}
          </div>
        );
      })}
    </>
  );
}

/** Spam and trash, folded away until somebody looks for something there. */
function RareItems({ place, onGo }: { place: Place; onGo: (place: Place) => void }) {
  const { t } = useLingui();
  const many = useManyActions();
  const mayTriage = useMay("conversation.triage");
  const inside = place.team === null && RARE_VIEWS.includes(place.view);
  const [unfolded, setUnfolded] = useState(false);
  const open = unfolded || inside;
  const drops: Partial<Record<View, (ids: readonly Id[]) => void>> = mayTriage
    ? { spam: (ids) => many.spam(ids), trash: (ids) => many.trash(ids) }
    : {};
  return (
    <>
      <button type="button" className={css.more} aria-expanded={open} onClick={() => setUnfolded(!open)}>
        {open ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}
        {t`Spam and trash`}
      </button>
      {open &&
        RARE_VIEWS.map((view) => (
          <NavItem
            key={view}
            place={{ team: null, view, conversation: null }}
            icon={view === "spam" ? <Ban aria-hidden /> : <Trash aria-hidden />}
            label={viewLabel(view)}
            current={inside && place.view === view}
            onGo={onGo}
            onDrop={drops[view]}
          />
        ))}
    </>
  );
}

type NavItemProps = {
  place: Place;
  icon?: ReactNode;
  label: string;
  tally?: Tally | undefined;
  current?: boolean;
  sub?: boolean;
  onGo: (place: Place) => void;
  /** Conversations can be let go here. */
  onDrop?: ((ids: readonly Id[]) => void) | undefined;
};

function NavItem({ place, icon, label, tally, current, sub, onGo, onDrop }: NavItemProps) {
  const { t } = useLingui();
  const [over, setOver] = useState(false);
  const drop = onDrop && {
    onDragOver: (event: DragEvent) => setOver(hangs(event)),
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false);
      const ids = dropped(event);
      if (ids.length > 0) onDrop(ids);
    },
  };
  const follow = (event: MouseEvent) => {
    // A new tab stays the browser's business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    onGo(place);
  };
  const unread = (tally?.unread ?? 0) > 0;
  return (
    <a
      href={placePath(place)}
      onClick={follow}
      className={classes(css.nav, sub && css.sub)}
      aria-current={current ? "page" : undefined}
      data-unread={unread || undefined}
      data-over={over || undefined}
      draggable={false}
      {...drop}
    >
      {icon}
      <span className="el">{label}</span>
      {tally !== undefined && tally.total > 0 && (
        <span className={css.count} data-tip={unread ? t`${tally.unread} unread` : undefined}>
          {wholeNumber(tally.total)}
        </span>
      )}
    </a>
  );
}

/** What fits on a badge. */
export function shortCount(count: number): string {
  return count > BADGE_MAX ? `${BADGE_MAX}+` : String(count);
}

/** To what I was told, with how much of it I have not seen. */
function BellButton() {
  const { t } = useLingui();
  const [path, navigate] = useLocation();
  const unseen = useUnseen();
  return (
    <IconButton
      label={unseen > 0 ? t`Notifications, ${unseen} new` : t`Notifications`}
      keys={shownKeys("go.notifications", "G N")}
      compact
      className={css.bell}
      aria-current={path === NOTIFICATIONS_PATH ? "page" : undefined}
      onClick={() => navigate(NOTIFICATIONS_PATH)}
    >
      <BellRing aria-hidden />
      {unseen > 0 && <span className={css.badge}>{shortCount(unseen)}</span>}
    </IconButton>
  );
}

/** My tasks: how many wait, in red once one is late. */
function TasksItem() {
  const { t } = useLingui();
  const tasks = useCounts()?.tasks;
  return (
    <PageItem
      path={TASKS_PATH}
      icon={<ListChecks aria-hidden />}
      label={t`Tasks`}
      count={tasks?.open}
      overdue={tasks?.overdue ?? 0}
    />
  );
}

type PageItemProps = { path: string; icon: ReactNode; label: string; count?: number | undefined; overdue?: number };

/** A page that is no list of conversations. */
function PageItem({ path, icon, label, count = 0, overdue = 0 }: PageItemProps) {
  const { t } = useLingui();
  const [here, navigate] = useLocation();
  return (
    <a
      href={path}
      className={css.nav}
      aria-current={here === path ? "page" : undefined}
      data-overdue={overdue > 0 || undefined}
      draggable={false}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        navigate(path);
      }}
    >
      {icon}
      <span className="el">{label}</span>
      {count > 0 && (
        <span className={css.count} data-tip={overdue > 0 ? t`${overdue} overdue` : undefined}>
          {wholeNumber(count)}
          {overdue > 0 && <span className="sr">{t`, ${overdue} overdue`}</span>}
        </span>
      )}
    </a>
  );
}

/** My drafts, and those that I am asked to look at. */
function DraftsItem() {
  const { t } = useLingui();
  const [path, navigate] = useLocation();
  const drafts = useCounts()?.drafts;
  const review = drafts?.review ?? 0;
  const count = (drafts?.mine ?? 0) + review;
  return (
    <a
      href={DRAFTS_PATH}
      className={css.nav}
      aria-current={path === DRAFTS_PATH ? "page" : undefined}
      data-unread={review > 0 || undefined}
      draggable={false}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        navigate(DRAFTS_PATH);
      }}
    >
      <Pencil aria-hidden />
      <span className="el">{t`Drafts`}</span>
      {count > 0 && (
        <span className={css.count} data-tip={review > 0 ? t`${review} to review` : undefined}>
          {wholeNumber(count)}
          {review > 0 && <span className="sr">{t`, ${review} to review`}</span>}
        </span>
      )}
    </a>
  );
}

/** To the settings; where messages are held, to them, with how many. */
function SettingsLink() {
  const { t } = useLingui();
  const [location, navigate] = useLocation();
  const held = useHeldCount();
  const to = held > 0 ? "/settings/held" : "/settings";
  if (!PAGES.some(({ path }) => path.startsWith("/settings"))) return null;
  return (
    <a
      href={to}
      className={css.nav}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey) return;
        event.preventDefault();
        navigate(to, { state: { from: location } });
      }}
    >
      <Settings aria-hidden />
      <span className="el">{t`Settings`}</span>
      {held > 0 && (
        <span className={css.held} data-tip={heldWords(held)} role="img" aria-label={heldWords(held)}>
          <MailWarning aria-hidden />
          {wholeNumber(held)}
        </span>
      )}
    </a>
  );
}
