import { useLingui } from "@lingui/react/macro";
import type { Id } from "@partyline/kit/api";
import { lately, useApp, useConversation, useCounts, useLabels, useList, useMe, useTeams } from "@partyline/kit/react";
import type { ListQuery, Sort } from "@partyline/kit/store";
import { classes, fetchMenus } from "@partyline/kit/ui";
import { Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { ActionsProvider, BeginContext } from "../conversation/index.ts";
import { ConversationList, fetchBulkBar } from "../conversation-list/index.ts";
import { fetchQuestions } from "../composer/index.ts";
import { ThreadPane } from "../thread/index.ts";
import { WhoIsOnWhat } from "./WhoIsOnWhat.tsx";
import { KeyCatcher } from "./KeyCatcher.tsx";
import css from "./mailbox.module.css";
import { MobileTabs } from "./MobileTabs.tsx";
import {
  parsePlace,
  placePath,
  sortFor,
  storedSort,
  storeSort,
  viewName,
  wholePage,
  type Place,
} from "../place/index.ts";
import { Sidebar } from "./Sidebar.tsx";
import { useAhead } from "./useAhead.ts";
import { useLater } from "./useLater.ts";
import { useMailboxCommands, type Overlay } from "./useMailboxCommands.ts";

const { Lately: Palette, fetch: fetchPalette } = lately(async () => (await import("../command/index.ts")).Palette);
const { Lately: ShortcutHelp, fetch: fetchHelp } = lately(
  async () => (await import("../command/index.ts")).ShortcutHelp,
);
const { Lately: NewConversation, fetch: fetchNew } = lately(
  async () => (await import("../new-conversation/index.ts")).NewConversation,
);
const { Lately: TasksPane } = lately(async () => (await import("../tasks/index.ts")).TasksPane);
const { Lately: SentPane } = lately(async () => (await import("../sent/index.ts")).SentPane);
const { Lately: DraftsPane } = lately(async () => (await import("../drafts/index.ts")).DraftsPane);
const { Lately: NotificationsPane } = lately(async () => (await import("../notifications/index.ts")).NotificationsPane);
const { Lately: SearchPage, fetch: fetchSearch } = lately(async () => (await import("../search/index.ts")).SearchPage);
const { Lately: ContactPanel, fetch: fetchPanel } = lately(
  async () => (await import("../contact-panel/index.ts")).ContactPanel,
);
/** After the first screen has had this long, in ms, what opens above it is fetched. */
const AHEAD_MS = 1_000;

const NOTHING: readonly Id[] = [];

/** In none of the lists. */
const NOWHERE: Place = { team: "", view: "all", conversation: null };

/** From this width on the contact panel has a place of its own. */
const PANEL_HAS_ROOM = window.matchMedia("(min-width: 1200px)");

export function MailboxPage() {
  return (
    <ActionsProvider>
      <Mailbox />
    </ActionsProvider>
  );
}

function Mailbox() {
  const { t } = useLingui();
  const { commands, desk, loader, live } = useApp();
  const me = useMe();
  const teams = useTeams();
  const labels = useLabels();
  const counts = useCounts();
  const [path, navigate] = useLocation();
  const place = useMemo(() => parsePlace(path), [path]);
  const page = wholePage(path);
  const searching = path === "/search";
  const [sort, setSort] = useState<Sort>(storedSort);
  const [overlay, setOverlay] = useState<Overlay>(null);
  /** What was typed while the palette was being fetched. */
  const [typedAhead, setTypedAhead] = useState("");
  const closeOverlay = () => {
    setOverlay(null);
    setTypedAhead("");
  };
  const [side, setSide] = useState(true);
  const [panel, setPanel] = useState(() => PANEL_HAS_ROOM.matches);
  useEffect(() => {
    // in a window that has become narrow, or is zoomed, it would lie over the conversation
    const follow = () => setPanel(PANEL_HAS_ROOM.matches);
    PANEL_HAS_ROOM.addEventListener("change", follow);
    return () => PANEL_HAS_ROOM.removeEventListener("change", follow);
  }, []);

  const query = useMemo<ListQuery>(
    () => ({ team: place.team, view: place.view, sort: sortFor(place.view, sort) }),
    [place.team, place.view, sort],
  );
  const list = useList(query);
  const selected = place.conversation;
  // The list answers a key at once; the thread follows. Whatever acts on the thread waits for it.
  const [shown, catchUp] = useLater(selected, (id) => id !== null && desk.thread(id)?.state === "ready");
  useEffect(() => commands.before((id) => id.startsWith("list.") || catchUp()), [commands, catchUp]);

  useEffect(() => {
    void loader.list(query, "first");
  }, [loader, query]);
  useEffect(() => live.view(selected), [live, selected]);
  useAhead(list?.ids ?? NOTHING, shown);
  useEffect(() => {
    const timer = setTimeout(
      () =>
        void Promise.all([
          fetchMenus(),
          fetchPalette(),
          fetchNew(),
          fetchHelp(),
          fetchBulkBar(),
          fetchSearch(),
          fetchPanel(),
          fetchQuestions(),
        ]),
      AHEAD_MS,
    );
    return () => clearTimeout(timer);
  }, []);

  const go = useCallback((next: Place, replace = false) => navigate(placePath(next), { replace }), [navigate]);
  const select = useCallback(
    (id: Id | null, replace = false) => go({ team: place.team, view: place.view, conversation: id }, replace),
    [go, place.team, place.view],
  );
  const chooseSort = (next: Sort) => {
    storeSort(next);
    setSort(next);
  };
  useMailboxCommands({
    place,
    ids: list?.ids ?? [],
    select,
    go,
    goToPage: navigate,
    setOverlay,
    chooseTeam: () => {
      setTypedAhead(`${t`Move to`} `);
      setOverlay("palette");
    },
    togglePanel: () => setPanel((open) => !open),
    toggleSide: () => setSide((there) => !there),
    leaveFor: (to) => navigate(to, { state: { from: path } }),
  });

  const unread = counts?.mine.unread ?? 0;
  const pages = {
    tasks: t`Tasks`,
    scheduled: t`Scheduled`,
    sent: t`Sent`,
    notifications: t`Notifications`,
    drafts: t`Drafts`,
  };
  const title = page ? { team: null, view: pages[page] } : viewName(place, teams, labels);
  useEffect(() => {
    document
      .querySelector('link[rel="icon"]')
      ?.setAttribute("href", unread > 0 ? "/favicon-waiting.svg" : "/favicon.svg");
    if (!searching)
      document.title = `${unread > 0 ? `(${unread}) ` : ""}${title.team ?? title.view} · ${me?.workspace.name ?? ""}`;
  }, [unread, title.team, title.view, me, searching]);

  return (
    <div
      className={css.shell}
      data-open={selected ? "thread" : "list"}
      data-side={side ? undefined : "hidden"}
      data-panel={panel && shown && !searching ? "open" : undefined}
    >
      <Sidebar
        place={searching ? NOWHERE : place}
        onGo={go}
        onNew={() => setOverlay("new")}
        onPalette={() => setOverlay("palette")}
      />
      {searching ? (
        <Suspense fallback={<main className={css.blank} />}>
          <SearchPage />
        </Suspense>
      ) : (
        <main className={classes(css.main, page && css.whole)}>
          <h1 className="sr">{[title.team, title.view].filter(Boolean).join(", ")}</h1>
          {page ? (
            <Suspense fallback={<section className={css.tasks} />}>
              {page === "tasks" ? (
                <TasksPane />
              ) : page === "drafts" ? (
                <DraftsPane />
              ) : page === "notifications" ? (
                <NotificationsPane />
              ) : (
                <SentPane key={page} which={page} />
              )}
            </Suspense>
          ) : (
            <>
              <ConversationList
                query={query}
                title={title}
                selected={selected}
                onSelect={select}
                sort={sort}
                onSort={chooseSort}
                onGo={go}
                onPalette={() => setOverlay("palette")}
              />
              {shown === null ? (
                <WhoIsOnWhat team={place.team} onOpen={select} />
              ) : (
                <BeginContext value={setOverlay}>
                  <ThreadPane
                    id={shown}
                    onBack={() => select(null)}
                    panelOpen={panel}
                    onPanel={() => setPanel((open) => !open)}
                  />
                </BeginContext>
              )}
            </>
          )}
        </main>
      )}
      {panel && shown !== null && (
        <Suspense fallback={<aside className={css.blank} />}>
          <ContactPanel id={shown} onClose={() => setPanel(false)} onOpen={select} />
        </Suspense>
      )}
      <MobileTabs
        place={searching ? NOWHERE : place}
        onGo={go}
        onNew={() => setOverlay("new")}
        onPalette={() => setOverlay("palette")}
      />
      <SelectedAnnouncer id={selected} />
      <Suspense fallback={<KeyCatcher onText={setTypedAhead} onClose={closeOverlay} />}>
        {overlay === "palette" && (
          <Palette conversation={selected} typed={typedAhead} onOpen={select} onClose={closeOverlay} />
        )}
        {overlay === "help" && <ShortcutHelp onClose={closeOverlay} />}
        {overlay !== null && (overlay === "new" || typeof overlay === "object") && (
          <NewConversation
            team={place.team}
            beginning={overlay === "new" ? null : overlay}
            onClose={closeOverlay}
            onDone={(id) => go({ team: null, view: "mine", conversation: id })}
          />
        )}
      </Suspense>
      <span className="sr" role="status">
        {list?.state === "failed" ? t`The list could not be loaded.` : ""}
      </span>
    </div>
  );
}

/** Says the name of the conversation that opens, for who does not see it. */
function SelectedAnnouncer({ id }: { id: Id | null }) {
  const conversation = useConversation(id);
  return (
    <span className="sr" aria-live="polite">
      {conversation ? (conversation.contact.name ?? conversation.contact.address) : ""}
    </span>
  );
}
