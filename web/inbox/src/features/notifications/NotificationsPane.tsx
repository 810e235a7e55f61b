import { useLingui } from "@lingui/react/macro";
import type { Notification, NotificationPage } from "@partyline/kit/api";
import { fullWhen, shortWhen } from "@partyline/kit/i18n";
import { useApp, useMinute, useNotificationChanges, useUnseen } from "@partyline/kit/react";
import { Button, classes, Skeleton } from "@partyline/kit/ui";
import {
  AtSign,
  BellRing,
  CircleAlert,
  ListChecks,
  MessageSquare,
  SquarePen,
  UserCheck,
} from "@partyline/kit/ui/icons";
import { useCallback, useEffect, useRef, useState, type MouseEvent } from "react";
import { Link, useLocation } from "wouter";
import { placePath } from "../place/index.ts";
import { useDesktop } from "./desktop.ts";
import css from "./notifications.module.css";
import { aboutWhom, happened } from "./words.ts";

const PAGE = 50;
const PAGE_MAX = 200;

const ICONS = {
  mention: AtSign,
  assigned: UserCheck,
  reply: MessageSquare,
  failed: CircleAlert,
  task: ListChecks,
  draft_review: SquarePen,
};

type Shown = { rows: readonly Notification[]; next: string | null };

/** What I was told in the last thirty days, the newest first. */
export function NotificationsPane() {
  const { t } = useLingui();
  const { client } = useApp();
  const unseen = useUnseen();
  const { desktop, ask } = useDesktop();
  const { shown, failed, load, more } = useNotifications();
  const newest = shown?.rows[0]?.seq;
  return (
    <section className={css.pane} aria-label={t`Notifications`}>
      <div className={css.bar}>
        <h2>{t`Notifications`}</h2>
        <span className={css.gap} />
        {unseen > 0 && newest !== undefined && (
          <Button
            compact
            look="quiet"
            onClick={() => void client.post("/notifications/seen", { up_to: newest }).catch(() => undefined)}
          >{t`Mark all as seen`}</Button>
        )}
        <Link href="/settings/notifications" className={css.link}>{t`Settings`}</Link>
      </div>
      {desktop === "default" && (
        <div className={css.ask}>
          <BellRing aria-hidden />
          <span>{t`The desktop can show these while you look elsewhere.`}</span>
          <Button compact onClick={() => void ask()}>{t`Allow it`}</Button>
        </div>
      )}
      {failed ? (
        <div className={css.centre} role="alert">
          <b>{t`The notifications could not be loaded`}</b>
          <Button onClick={load}>{t`Try again`}</Button>
        </div>
      ) : shown === null ? (
        <div className={css.skeletons} role="status" aria-label={t`Loading notifications`}>
          <Skeleton width="70%" height={20} />
          <Skeleton width="52%" height={20} />
          <Skeleton width="61%" height={20} />
        </div>
      ) : shown.rows.length === 0 ? (
        <div className={css.centre}>
          <b>{t`Nothing yet`}</b>
          <p>{t`Mentions, what others give you, and what customers write in what is yours or what you follow comes here.`}</p>
        </div>
      ) : (
        <>
          <ul className={css.list}>
            {shown.rows.map((told) => (
              <Row key={told.seq} told={told} />
            ))}
          </ul>
          {shown.next !== null && <Button className={css.more} onClick={more}>{t`Show more`}</Button>}
        </>
      )}
    </section>
  );
}

function Row({ told }: { told: Notification }) {
  const { t, i18n } = useLingui();
  const { client } = useApp();
  const [, navigate] = useLocation();
  const now = new Date(useMinute());
  const Icon = ICONS[told.kind];
  const isNew = told.seen_at === null;
  const to = placePath({ team: null, view: "all", conversation: told.conversation_id });
  const at = new Date(told.at);
  const open = (event: MouseEvent) => {
    if (isNew) void client.post("/notifications/seen", { seq: told.seq }).catch(() => undefined);
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <li>
      <a href={to} className={classes(css.row, isNew && css.unseen)} onClick={open}>
        <span className={css.icon} data-kind={told.kind}>
          <Icon aria-hidden />
        </span>
        <span className={css.what}>
          <span className={css.head}>
            <b className="el">{i18n._(happened(told))}</b>
            <time dateTime={told.at} data-tip={fullWhen(at)}>
              {shortWhen(at, now)}
            </time>
          </span>
          <span className={css.about}>
            {told.kind !== "reply" && <span>{aboutWhom(told)}</span>}
            {told.text !== null && <span className={css.text}>{told.text}</span>}
          </span>
        </span>
        {isNew && <span className={css.dot} role="img" aria-label={t`not seen yet`} />}
      </a>
    </li>
  );
}

/** The list, read again whenever it has changed. */
function useNotifications() {
  const { client } = useApp();
  const changes = useNotificationChanges();
  const [shown, setShown] = useState<Shown | null>(null);
  const [failed, setFailed] = useState(false);
  const turn = useRef(0);
  const long = useRef(PAGE);
  const read = useCallback(
    async (cursor: string | null) => {
      turn.current += 1;
      const mine = turn.current;
      try {
        const limit = cursor === null ? long.current : PAGE;
        const { data } = await client.get<NotificationPage>("/notifications", { query: { cursor, limit } });
        if (mine !== turn.current) return;
        setFailed(false);
        setShown((before) => {
          const rows = [...(cursor === null ? [] : (before?.rows ?? [])), ...data.data];
          long.current = Math.min(Math.max(PAGE, rows.length), PAGE_MAX);
          return { rows, next: data.next_cursor };
        });
      } catch {
        if (mine === turn.current) setFailed(true);
      }
    },
    [client],
  );
  useEffect(() => {
    if (changes >= 0) void read(null);
  }, [read, changes]);
  return {
    shown,
    failed: failed && shown === null,
    load: () => void read(null),
    more: () => void read(shown?.next ?? null),
  };
}
