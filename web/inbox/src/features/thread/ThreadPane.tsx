import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type Conversation, type Id } from "@partyline/kit/api";
import { useApp, useConversation, useMay, useThread } from "@partyline/kit/react";
import { Button, Skeleton } from "@partyline/kit/ui";
import { ArrowDown } from "@partyline/kit/ui/icons";
import { useEffect, useMemo, useRef, useState } from "react";
import { Composer } from "../composer/index.ts";
import { useActions } from "../conversation/index.ts";
import { EntryView } from "./EntryView.tsx";
import { OutageLine } from "./OutageLine.tsx";
import { PresenceLine } from "./PresenceLine.tsx";
import css from "./thread.module.css";
import { ThreadHeader } from "./ThreadHeader.tsx";
import { timelineOf } from "./timeline.ts";
import { useEntryCommands } from "./useEntryCommands.ts";
import { useHeldStill } from "./useHeldStill.ts";
import { useNoteCommands } from "./useNoteCommands.ts";
import { useBrought, useReached, useSought } from "./useSought.ts";

/** How close to its end, in px, a thread counts as read to the end. */
const NEAR_END = 80;
/** How close to its beginning the next older page is asked for. */
const NEAR_START = 600;

type Props = { id: Id; onBack: () => void; panelOpen: boolean; onPanel: () => void };

export function ThreadPane({ id, onBack, panelOpen, onPanel }: Props) {
  const { t } = useLingui();
  const { loader } = useApp();
  const conversation = useConversation(id);
  const thread = useThread(id);
  const [missing, setMissing] = useState<Id | null>(null);
  const mayReply = useMay("conversation.reply");
  const known = conversation !== undefined;

  useBrought(id);
  useEffect(() => {
    if (known) return;
    loader.conversation(id).catch((problem: unknown) => {
      if (problem instanceof ApiProblem && problem.status === 404) setMissing(id);
    });
  }, [loader, id, known]);

  if (missing === id && !known) {
    return (
      <section className={css.pane} aria-label={t`Conversation`}>
        <div className={css.centre}>
          <b>{t`There is no such conversation`}</b>
          <p>{t`It may have been erased, or you may not see it.`}</p>
          <Button onClick={onBack}>{t`Back to the list`}</Button>
        </div>
      </section>
    );
  }
  return (
    <section className={css.pane} aria-label={t`Conversation`} data-region='[role="log"]'>
      {conversation ? (
        <ThreadHeader conversation={conversation} onBack={onBack} panelOpen={panelOpen} onPanel={onPanel} />
      ) : (
        <div className={css.bar} />
      )}
      {thread === undefined || (thread.state === "loading" && thread.entries.length === 0) ? (
        <SkeletonThread />
      ) : thread.state === "failed" ? (
        <div className={css.centre} role="alert">
          <b>{t`The messages could not be loaded`}</b>
          <Button onClick={() => void loader.thread(id, "newest")}>{t`Try again`}</Button>
        </div>
      ) : (
        conversation && <Log key={id} conversation={conversation} />
      )}
      {conversation && (
        <>
          <OutageLine conversation={conversation} />
          <PresenceLine id={id} />
          {mayReply ? (
            <Composer conversation={conversation} />
          ) : (
            <p className={css.readOnly}>{t`You can read here, and not write.`}</p>
          )}
        </>
      )}
    </section>
  );
}

function Log({ conversation }: { conversation: Conversation }) {
  const { t } = useLingui();
  const { loader } = useApp();
  const actions = useActions();
  const { id } = conversation;
  const thread = useThread(id);
  const scroller = useRef<HTMLDivElement>(null);
  const [away, setAway] = useState(false);
  const [seenLast, setSeenLast] = useState(conversation.last_entry_id);
  const items = useMemo(() => timelineOf(thread?.entries ?? []), [thread?.entries]);
  const middle = thread?.newer === true;
  const log = useRef<HTMLDivElement>(null);
  useNoteCommands(id);
  useEntryCommands(log);
  const sought = useSought();
  useReached(sought, thread?.entries.some((entry) => entry.id === sought) === true, scroller);
  const scrolledStill = useHeldStill(scroller, log, thread?.entries, middle);

  // What is on screen is read, as long as somebody can be looking; the newest is not, where the end of the log is another.
  useEffect(() => {
    const look = () => !middle && document.visibilityState === "visible" && actions.looked(id);
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [actions, id, conversation.unread, conversation.last_entry_id, middle]);
  useEffect(() => () => actions.left(id), [actions, id]);

  // The scroller runs from its end (column-reverse): 0 is the end, what is before it is negative.
  const scrolled = () => {
    const box = scroller.current;
    if (!box || box.clientHeight === 0) return;
    scrolledStill();
    const fromEnd = -box.scrollTop;
    const nowAway = fromEnd > NEAR_END || middle;
    if (nowAway !== away) setAway(nowAway);
    if (!nowAway && seenLast !== conversation.last_entry_id) setSeenLast(conversation.last_entry_id);
    if (thread?.more && box.scrollHeight - box.clientHeight - fromEnd < NEAR_START) void loader.thread(id, "older");
    if (middle && fromEnd < NEAR_START) void loader.thread(id, "newer");
  };
  // What was brought may not fill the screen, and the end may have become the newest.
  const look = useRef(scrolled);
  useEffect(() => {
    look.current = scrolled;
  });
  useEffect(() => {
    if (middle || thread?.more) look.current();
  }, [thread?.entries, thread?.more, middle]);
  const toNewest = () => {
    if (middle) void loader.thread(id, "newest").then(() => scroller.current?.scrollTo({ top: 0 }));
    else scroller.current?.scrollTo({ top: 0 });
  };
  const unseen = (away || middle) && seenLast !== conversation.last_entry_id;
  return (
    <div className={css.logArea}>
      <div
        ref={scroller}
        className={css.scroller}
        data-middle={middle || undefined}
        onScroll={scrolled}
        role="log"
        aria-label={t`Messages`}
        // A region that scrolls must be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        <div className={css.log} ref={log}>
          {thread?.more && <div className={css.older}>{t`Loading older messages…`}</div>}
          {items.map((item) =>
            item.key === sought ? (
              <div key={item.key} className={css.sought} data-sought aria-current="true" tabIndex={-1}>
                <EntryView item={item} conversation={conversation} />
              </div>
            ) : (
              <EntryView key={item.key} item={item} conversation={conversation} />
            ),
          )}
        </div>
      </div>
      {(away || middle) && (
        <button type="button" className={css.jump} data-unseen={unseen || undefined} onClick={toNewest}>
          <ArrowDown aria-hidden />
          {unseen ? t`New message` : t`To the newest`}
        </button>
      )}
    </div>
  );
}

function SkeletonThread() {
  const { t } = useLingui();
  return (
    <div className={css.logArea} role="status" aria-label={t`Loading messages`}>
      <div className={css.skeletons}>
        <Skeleton width="52%" height={36} />
        <Skeleton width="38%" height={36} style={{ alignSelf: "flex-end" }} />
        <Skeleton width="61%" height={56} />
        <Skeleton width="44%" height={36} style={{ alignSelf: "flex-end" }} />
      </div>
    </div>
  );
}
