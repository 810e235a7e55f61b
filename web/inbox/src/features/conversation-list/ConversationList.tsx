import { Plural, Trans, useLingui } from "@lingui/react/macro";
import type { Id, LabelView, View } from "@partyline/kit/api";
import {
  lately,
  useApp,
  useChannels,
  useCounts,
  useLabels,
  useList,
  useLiveState,
  useMay,
  useMinute,
} from "@partyline/kit/react";
import { isOpenView, tallyOf, type ListQuery, type ListState, type Sort } from "@partyline/kit/store";
import { shownKeys } from "@partyline/kit/shortcuts";
import { Button, IconButton, Kbd, Mark, Menu, Skeleton, type MenuItem } from "@partyline/kit/ui";
import { AlarmClock, ArrowDown, ArrowUpDown, ChevronDown, Search, WifiOff } from "@partyline/kit/ui/icons";
import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import {
  Suspense,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type DragEvent,
  type KeyboardEvent,
  type ReactNode,
} from "react";
import { take, useChosen, useRangeEnd, useSelection } from "../conversation/index.ts";
import { asTree } from "../labels/index.ts";
import { PERSONAL_VIEWS, viewLabel, VIEWS, type Place, type ViewName } from "../place/index.ts";

import { ConversationRow, type RowPress } from "./ConversationRow.tsx";
import css from "./list.module.css";
import { useLongPress } from "./longPress.ts";
import { itemsOf, type Item, type SectionName } from "./sections.ts";

const { Lately: BulkBar, fetch: fetchBulkBar } = lately(async () => (await import("../bulk/index.ts")).BulkBar);
export { fetchBulkBar };

/** px, of design/screens: three lines need 76, on a phone 80. */
const ROW = 76;
const ROW_TOUCH = 80;
const SECTION = 28;
/** Rows before the end at which the next page is asked for. */
const AHEAD = 20;
const LOST_AFTER_MS = 3_000;
const CAUGHT_UP_MS = 2_500;

type Props = {
  query: ListQuery;
  title: ViewName;
  selected: Id | null;
  onSelect: (id: Id) => void;
  sort: Sort;
  onSort: (sort: Sort) => void;
  onGo: (place: Place) => void;
  onPalette: () => void;
};

export function ConversationList({ query, title, selected, onSelect, sort, onSort, onGo, onPalette }: Props) {
  const { t } = useLingui();
  const { loader } = useApp();
  const list = useList(query);
  const counts = useCounts();
  const tally = tallyOf(query.team === null ? counts : counts?.teams[query.team], query.view);
  const labels = asTree(useLabels());
  const selection = useSelection();
  const choosing = useChosen().size > 0;
  const { team: ofTeam, view: inView } = query;
  useEffect(() => () => selection.clear(), [selection, ofTeam, inView]);
  useEffect(() => {
    if (list) selection.keep(list.ids);
  }, [selection, list]);
  const choice = (view: View, team: Id | null): MenuItem => ({
    id: view,
    label: viewLabel(view, labels, team !== null),
    checked: view === query.view && team === query.team,
    onSelect: () => onGo({ team, view, conversation: null }),
  });
  const sorts: Record<Sort, string> = { waiting: t`Waiting longest`, newest: t`Newest first` };
  return (
    <section className={css.list} aria-label={t`Conversations`} data-region='[role="listbox"]'>
      <header className={css.bar}>
        <span className={css.mark}>
          <Mark size={24} />
        </span>
        <Menu
          sections={[
            {
              id: "views",
              items: VIEWS.map((view) => choice(view, query.team)),
            },
            // on a phone this menu is the only way there
            { id: "personal", heading: t`Mine`, items: PERSONAL_VIEWS.map((view) => choice(view, null)) },
            ...(labels.length > 0
              ? [{ id: "labels", heading: t`Labels`, items: labels.map(({ id }) => choice(id as LabelView, null)) }]
              : []),
          ]}
          trigger={
            <button type="button" className={css.title}>
              <span className="el">
                {title.team === null ? (
                  <b>{title.view}</b>
                ) : (
                  <>
                    <b>{title.team}</b> <span className={css.faint}>{title.view}</span>
                  </>
                )}
              </span>
              <ChevronDown aria-hidden />
            </button>
          }
        />
        <span className={css.search}>
          <IconButton label={t`Search or jump`} onClick={onPalette}>
            <Search aria-hidden />
          </IconButton>
        </span>
      </header>
      {choosing ? (
        <Suspense fallback={<div className={css.tabs} />}>
          <BulkBar total={tally?.total ?? list?.ids.length ?? 0} />
        </Suspense>
      ) : (
        <div className={css.tabs}>
          <span className={css.total}>
            {tally && <Plural value={tally.total} one="# conversation" other="# conversations" />}
            {tally && tally.unread > 0 && (
              <span className={css.unread}>
                <Plural value={tally.unread} other="# unread" />
              </span>
            )}
          </span>
          {isOpenView(query.view) && (
            <Menu
              align="end"
              sections={[
                {
                  id: "sort",
                  heading: t`Order`,
                  items: (["waiting", "newest"] as const).map((value) => ({
                    id: value,
                    label: sorts[value],
                    checked: sort === value,
                    onSelect: () => onSort(value),
                  })),
                },
              ]}
              trigger={
                <Button look="quiet" compact className={css.sort} aria-label={t`Order: ${sorts[sort]}`}>
                  <ArrowUpDown aria-hidden />
                  {sorts[sort]}
                </Button>
              }
            />
          )}
        </div>
      )}
      <ConnectionStrip />
      {list === undefined || (list.state === "loading" && list.ids.length === 0) ? (
        <SkeletonRows />
      ) : list.state === "failed" && list.ids.length === 0 ? (
        <div className={css.state} role="alert">
          <b>{t`The list could not be loaded`}</b>
          <p>{t`The server did not answer as it should.`}</p>
          <Button onClick={() => void loader.list(query, "first")}>{t`Try again`}</Button>
        </div>
      ) : list.ids.length === 0 && list.fresh === 0 ? (
        <QuietLine query={query} title={title} onGo={onGo} />
      ) : (
        <Rows
          query={query}
          list={list}
          selected={selected}
          onSelect={onSelect}
          total={tally?.total ?? list.ids.length}
        />
      )}
    </section>
  );
}

/** Scrolls no further than it must, and asks the page for no layout where there is nothing to scroll: each row's place is known. */
function bringIntoView(virtual: Virtualizer<HTMLDivElement, Element>, index: number): void {
  const row = virtual.measurementsCache[index];
  const top = virtual.scrollOffset;
  const height = virtual.scrollRect?.height ?? 0;
  if (row === undefined || top === null || height === 0) virtual.scrollToIndex(index, { align: "auto" });
  else if (row.start < top) virtual.scrollElement?.scrollTo({ top: row.start });
  else if (row.end > top + height) virtual.scrollElement?.scrollTo({ top: row.end - height });
}

function Rows({
  query,
  list,
  selected,
  onSelect,
  total,
}: {
  query: ListQuery;
  list: ListState;
  selected: Id | null;
  onSelect: (id: Id) => void;
  total: number;
}) {
  const { t } = useLingui();
  const { desk, loader, commands } = useApp();
  const now = useMinute();
  const selection = useSelection();
  const chosen = useChosen();
  const end = useRangeEnd();
  const mayChoose = useMay("conversation.triage");
  const scroller = useRef<HTMLDivElement>(null);
  const pointed = useRef(false);
  const sectioned = query.sort === "waiting" && isOpenView(query.view);
  const items = useMemo(
    () => itemsOf(list.ids, (id) => desk.conversation(id), now, sectioned, list.more ? total : null),
    // `list` is a new object whenever one of its conversations changes.
    [list, desk, now, sectioned, total],
  );
  const row = window.innerWidth < 768 ? ROW_TOUCH : ROW;
  // oxlint-disable-next-line react/incompatible-library -- rows are memoised by hand; the compiler is not in use
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => (items[at]?.kind === "section" ? SECTION : row),
    getItemKey: (at) => items[at]?.key ?? at,
    overscan: 6,
  });
  const shown = virtual.getVirtualItems();

  const lastShown = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (list.more && lastShown >= items.length - AHEAD) void loader.list(query, "next");
  }, [list.more, lastShown, items.length, loader, query]);

  const selectedAt = items.findIndex((item) => item.kind === "row" && item.id === selected);
  useEffect(() => {
    selection.rest();
    if (selectedAt >= 0) bringIntoView(virtual, selectedAt <= 1 ? 0 : selectedAt);
    // Only a new selection scrolls; a list that moves under it does not.
    // oxlint-disable-next-line react/exhaustive-deps, react/exhaustive-effect-dependencies
  }, [selected]);

  const endAt = end === null ? -1 : items.findIndex((item) => item.kind === "row" && item.id === end);
  useEffect(() => {
    if (endAt >= 0) bringIntoView(virtual, endAt);
    // oxlint-disable-next-line react/exhaustive-deps, react/exhaustive-effect-dependencies -- as above
  }, [end]);

  // read when a row is pressed, so that the rows need not be drawn again for it
  const at = useRef({ ids: list.ids, selected, onSelect });
  useEffect(() => {
    at.current = { ids: list.ids, selected, onSelect };
  });
  const press = useCallback(
    (id: Id, how: RowPress) => {
      const { ids, selected: open, onSelect: select } = at.current;
      if (how === "toggle") selection.toggle(id);
      else if (how === "range") selection.extend(ids, id, open);
      else select(id);
    },
    [selection],
  );
  const takeRow = useCallback(
    (event: DragEvent, id: Id) => take(event, selection.has(id) ? selection.inOrder(at.current.ids) : [id]),
    [selection],
  );
  const { onPointerMove: fingerMoves, ...finger } = useLongPress((id) => {
    if (mayChoose) selection.toggle(id);
  });

  const settle = () => desk.hold(query, pointed.current || (scroller.current?.scrollTop ?? 0) > 0);
  useEffect(() => {
    if (pointed.current) desk.hold(query, true);
    return () => desk.hold(query, false);
  }, [desk, query]);

  const keys = (event: KeyboardEvent) => {
    const steps = event.shiftKey
      ? { ArrowDown: "list.extend", ArrowUp: "list.extendBack" }
      : { ArrowDown: "list.next", ArrowUp: "list.previous", Enter: "list.open" };
    const command = steps[event.key as keyof typeof steps] as string | undefined;
    if (command === undefined) return;
    event.preventDefault();
    commands.run(command);
  };
  const reveal = () => {
    desk.reveal(query);
    if (query.sort === "newest") scroller.current?.scrollTo({ top: 0 });
  };

  return (
    <div className={css.body}>
      {list.fresh > 0 && (
        <button type="button" className={css.fresh} onClick={reveal}>
          <ArrowDown aria-hidden />
          <Plural value={list.fresh} one="# new" other="# new" />
        </button>
      )}
      <div
        ref={scroller}
        className={css.scroller}
        role="listbox"
        tabIndex={0}
        aria-label={t`Conversations`}
        aria-multiselectable={chosen.size > 0 || undefined}
        data-choosing={chosen.size > 0 || undefined}
        aria-activedescendant={
          endAt >= 0 ? `row-${end}` : selected !== null && selectedAt >= 0 ? `row-${selected}` : undefined
        }
        onKeyDown={keys}
        onScroll={settle}
        {...finger}
        onPointerMove={(event) => {
          fingerMoves(event);
          if (pointed.current) return;
          pointed.current = true;
          settle();
        }}
        onPointerLeave={() => {
          pointed.current = false;
          settle();
        }}
      >
        <div className={css.canvas} style={{ height: virtual.getTotalSize() }} role="presentation">
          {shown.map(({ index, key, start, size }) => {
            const item = items[index];
            if (item === undefined) return null;
            return (
              <div
                key={key}
                className={css.place}
                style={{ transform: `translateY(${start}px)`, height: size }}
                role="presentation"
              >
                {item.kind === "section" ? (
                  <SectionHead item={item} />
                ) : (
                  <ConversationRow
                    id={item.id}
                    selected={item.id === selected}
                    chosen={mayChoose ? chosen.has(item.id) : null}
                    choosing={chosen.size > 0}
                    end={item.id === end && chosen.size > 0}
                    position={item.position}
                    total={total}
                    onPress={press}
                    onTake={takeRow}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function SectionHead({ item }: { item: Extract<Item, { kind: "section" }> }) {
  const { t } = useLingui();
  const names: Record<SectionName, string> = {
    over: t`Past target`,
    due: t`Due in the next 15 minutes`,
    waiting: t`Waiting`,
    answered: t`Answered`,
  };
  return (
    <div className={css.section} data-name={item.name} aria-hidden="true">
      {item.name === "over" && <AlarmClock aria-hidden />}
      {names[item.name]}
      <span className={css.sectionCount}>{item.count}</span>
    </div>
  );
}

function SkeletonRows() {
  const { t } = useLingui();
  const widths = [132, 96, 164, 118, 148, 90, 126, 108];
  return (
    <div className={css.body} role="status" aria-label={t`Loading conversations`}>
      {widths.map((width) => (
        <div key={width} className={css.skeleton}>
          <Skeleton width={width} height={14} />
          <Skeleton width="88%" />
          <Skeleton width={64} />
        </div>
      ))}
    </div>
  );
}

/** The only drawing in the product: a line that nobody calls on. */
function QuietLine({ query, title, onGo }: { query: ListQuery; title: ViewName; onGo: (place: Place) => void }) {
  const { t } = useLingui();
  const mine = useCounts()?.mine.total ?? 0;
  const channels = useChannels().length;
  const where = title.team ?? title.view;
  const quiet: Partial<Record<View, { head?: string; text: ReactNode }>> = {
    unassigned: { text: <Trans>Nothing in {where} needs an owner.</Trans> },
    mine: { text: t`Nothing is assigned to you.` },
    snoozed: { head: t`Nothing is set aside`, text: t`What is set aside comes back at its time, or when they write.` },
    mine_snoozed: {
      head: t`Nothing is set aside`,
      text: t`What you set aside while you are on it comes back at its time, or when they write.`,
    },
    mentions: { head: t`Nobody has named you`, text: t`A note with @ and your name brings a conversation here.` },
    following: { head: t`You follow nothing`, text: t`What you follow tells you of what happens there.` },
    closed: { head: t`Nothing is closed yet`, text: t`What you close is kept here.` },
    spam: { head: t`No spam`, text: t`What comes from there stays here, and wakes nobody.` },
    trash: { head: t`The trash is empty`, text: t`What they write brings a conversation back from here.` },
  };
  return (
    <div className={css.state}>
      <svg width="120" height="32" viewBox="0 0 120 32" fill="none" aria-hidden="true" className={css.drawing}>
        <path d="M0 6 C 36 24, 84 24, 120 6" stroke="currentColor" strokeWidth="1.5" />
        <g fill="var(--bg)" stroke="currentColor" strokeWidth="1.5">
          <circle cx="30" cy="16" r="4" />
          <circle cx="60" cy="19.5" r="4" />
          <circle cx="90" cy="16" r="4" />
        </g>
      </svg>
      <b>{quiet[query.view]?.head ?? t`The line is quiet`}</b>
      <p>
        {channels === 0
          ? t`No number is connected yet, so nothing can arrive.`
          : (quiet[query.view]?.text ?? <Trans>Nothing is open in {where}.</Trans>)}
      </p>
      {query.view !== "mine" && mine > 0 && (
        <Button onClick={() => onGo({ team: null, view: "mine", conversation: null })}>
          {t`Go to Mine`} <Kbd keys={shownKeys("go.mine", "G M")} />
        </Button>
      )}
    </div>
  );
}

/** Nothing while live; a strip when the connection is gone for longer than a moment, and a word when it is back. */
function ConnectionStrip() {
  const { t } = useLingui();
  const { state } = useLiveState();
  const [shown, setShown] = useState<"nothing" | "lost" | "back">("nothing");
  useEffect(() => {
    if (state === "waiting") {
      const timer = setTimeout(() => setShown("lost"), LOST_AFTER_MS);
      return () => clearTimeout(timer);
    }
    if (state !== "live") return;
    setShown((before) => (before === "lost" ? "back" : before));
    const timer = setTimeout(() => setShown("nothing"), CAUGHT_UP_MS);
    return () => clearTimeout(timer);
  }, [state]);
  if (shown === "nothing") return null;
  return (
    <div className={css.strip} data-state={shown} role="status">
      {shown === "lost" && <WifiOff aria-hidden />}
      {shown === "lost" ? t`No connection. Trying again…` : t`Connected again, all caught up`}
    </div>
  );
}
