import { useLingui } from "@lingui/react/macro";
import type { ListedDraft, Page } from "@partyline/kit/api";
import { shortWhen } from "@partyline/kit/i18n";
import { useApp, useCounts, useDraftChanges, useMe, useMinute } from "@partyline/kit/react";
import { Avatar, Button, ChannelMark, Skeleton } from "@partyline/kit/ui";
import { Eye, Paperclip } from "@partyline/kit/ui/icons";
import { useCallback, useEffect, useRef, useState, type MouseEvent } from "react";
import { useLocation } from "wouter";
import { contactName } from "../conversation/index.ts";
import { placePath } from "../place/index.ts";
import css from "./drafts.module.css";

const PAGE = 50;

type Which = "mine" | "review" | "left";
type Shown = { which: Which; drafts: readonly ListedDraft[]; next: string | null };

/** What I have begun, what I am asked to look at, and what colleagues who are gone have left. */
export function DraftsPane() {
  const { t } = useLingui();
  const review = useCounts()?.drafts.review ?? 0;
  const [which, setWhich] = useState<Which>("mine");
  const { shown, failed, load, more } = useListed(which);
  const tabs: [Which, string][] = [
    ["mine", t`Mine`],
    ["review", review > 0 ? t`To review (${review})` : t`To review`],
    ["left", t`Left behind`],
  ];
  const nothing = {
    mine: [t`No drafts`, t`What you write and don’t send waits here, and your team can see it in its conversation.`],
    review: [t`Nothing to look at`, t`A colleague can ask you to look at a draft before it is sent.`],
    left: [t`Nothing was left behind`, t`Drafts of people who are no longer here wait for whoever goes on with them.`],
  }[which];
  return (
    <section className={css.pane} aria-label={t`Drafts`}>
      <div className={css.bar}>
        <h2>{t`Drafts`}</h2>
        <div className={css.tabs} role="group" aria-label={t`Which drafts`}>
          {tabs.map(([id, name]) => (
            <button key={id} type="button" aria-pressed={id === which} onClick={() => setWhich(id)}>
              {name}
            </button>
          ))}
        </div>
      </div>
      {failed ? (
        <div className={css.centre} role="alert">
          <b>{t`The drafts could not be loaded`}</b>
          <Button onClick={load}>{t`Try again`}</Button>
        </div>
      ) : shown === null ? (
        <div className={css.skeletons} role="status" aria-label={t`Loading drafts`}>
          <Skeleton width="70%" height={20} />
          <Skeleton width="52%" height={20} />
        </div>
      ) : shown.drafts.length === 0 ? (
        <div className={css.centre}>
          <b>{nothing[0]}</b>
          <p>{nothing[1]}</p>
        </div>
      ) : (
        <>
          <ul className={css.list}>
            {shown.drafts.map((listed) => (
              <Row key={listed.draft.id} listed={listed} />
            ))}
          </ul>
          {shown.next !== null && (
            <Button className={css.more} onClick={more}>
              {t`Show more`}
            </Button>
          )}
        </>
      )}
    </section>
  );
}

/** The drafts of one tab, read again whenever the log tells of some. */
function useListed(which: Which) {
  const { client } = useApp();
  const changes = useDraftChanges();
  const [shown, setShown] = useState<Shown | null>(null);
  const [failed, setFailed] = useState(false);
  const asked = useRef(0);
  const ask = useCallback(
    async (cursor: string | null) => {
      asked.current += 1;
      const turn = asked.current;
      try {
        const query = { list: which, cursor, limit: PAGE };
        const { data } = await client.get<Page<ListedDraft>>("/drafts", { query });
        if (turn !== asked.current) return;
        setFailed(false);
        setShown((before) => {
          const kept = cursor !== null && before?.which === which ? before.drafts : [];
          return { which, drafts: [...kept, ...data.data], next: data.next_cursor };
        });
      } catch {
        if (turn === asked.current) setFailed(true);
      }
    },
    [client, which],
  );
  useEffect(() => {
    if (changes >= 0) void ask(null);
  }, [ask, changes]);
  const here = shown?.which === which ? shown : null;
  return {
    shown: here,
    failed: failed && here === null,
    load: () => void ask(null),
    more: () => void ask(here?.next ?? null),
  };
}

function Row({ listed: { draft, conversation } }: { listed: ListedDraft }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const me = useMe()?.user.id;
  const now = useMinute();
  const to = placePath({ team: null, view: "all", conversation: conversation.id });
  const channel = conversation.channels.find(({ id }) => id === draft.channel_id);
  const at = new Date(draft.updated_at);
  const open = (event: MouseEvent) => {
    // A new tab stays the browser's business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <li className={css.row}>
      <a href={to} onClick={open} draggable={false}>
        <span className={css.who}>
          <b className="el">{contactName(conversation)}</b>
          {channel && <ChannelMark kind={channel.kind} />}
          <span className={css.gap} />
          <span className={css.time}>{shortWhen(at, new Date(now))}</span>
        </span>
        <span className={css.words}>{draft.text === "" ? t`No text` : draft.text}</span>
        <span className={css.about}>
          {draft.holder.id !== me && (
            <span className={css.part}>
              <Avatar id={draft.holder.id} name={draft.holder.name} />
              <span className="el">{draft.holder.name}</span>
            </span>
          )}
          {draft.review && draft.review.reviewer.id !== me && (
            <span className={css.part}>
              <Eye aria-hidden />
              <span className="el">{t`${draft.review.reviewer.name} looks at it`}</span>
            </span>
          )}
          {draft.attachments.length > 0 && (
            <span className={css.part}>
              <Paperclip aria-hidden />
              <span className="el">{draft.attachments.map(({ name }) => name).join(", ")}</span>
            </span>
          )}
        </span>
      </a>
    </li>
  );
}
