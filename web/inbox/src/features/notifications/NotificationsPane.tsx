import { useLingui } from "@lingui/react/macro";
import type { Notification } from "@partyline/kit/api";
import { fullWhen, shortWhen } from "@partyline/kit/i18n";
import { useApp, useMinute, useNotificationChanges, useUnseen } from "@partyline/kit/react";
import { Button, classes } from "@partyline/kit/ui";
import {
  AtSign,
  BellRing,
  CircleAlert,
  ListChecks,
  MessageSquare,
  SquarePen,
  UserCheck,
} from "@partyline/kit/ui/icons";
import type { MouseEvent } from "react";
import { Link, useLocation } from "wouter";
import { listedCss, ListPane, useListed } from "../listed/index.ts";
import { placePath } from "../place/index.ts";
import { plainWords } from "../thread/markdown.ts";
import { useDesktop } from "./desktop.ts";
import css from "./notifications.module.css";
import { aboutWhom, happened } from "./words.ts";

const ICONS = {
  mention: AtSign,
  assigned: UserCheck,
  reply: MessageSquare,
  failed: CircleAlert,
  task: ListChecks,
  draft_review: SquarePen,
};

/** What I was told in the last thirty days, the newest first. */
export function NotificationsPane() {
  const { t } = useLingui();
  const { client } = useApp();
  const unseen = useUnseen();
  const { desktop, ask } = useDesktop();
  const listed = useListed<Notification>("/notifications", {}, useNotificationChanges());
  const newest = listed.rows?.[0]?.seq;
  return (
    <ListPane
      name={t`Notifications`}
      bar={
        <>
          <span className={css.gap} />
          {unseen > 0 && newest !== undefined && (
            <Button
              compact
              look="quiet"
              onClick={() => void client.post("/notifications/seen", { up_to: newest }).catch(() => undefined)}
            >{t`Mark all as seen`}</Button>
          )}
          <Link href="/settings/notifications" className={css.link}>{t`Settings`}</Link>
        </>
      }
      above={
        desktop === "default" && (
          <div className={css.ask}>
            <BellRing aria-hidden />
            <span>{t`The desktop can show these while you look elsewhere.`}</span>
            <Button compact onClick={() => void ask()}>{t`Allow it`}</Button>
          </div>
        )
      }
      listed={listed}
      words={{
        loading: t`Loading notifications`,
        failed: t`The notifications could not be loaded`,
        nothing: t`Nothing yet`,
        hint: t`Mentions, what others give you, and what customers write in what is yours or what you follow comes here.`,
      }}
    >
      {(rows) => (
        <ul className={listedCss.list}>
          {rows.map((told) => (
            <Row key={told.seq} told={told} />
          ))}
        </ul>
      )}
    </ListPane>
  );
}

function Row({ told }: { told: Notification }) {
  const { t, i18n } = useLingui();
  const { client } = useApp();
  const [, navigate] = useLocation();
  const now = new Date(useMinute());
  const Icon = ICONS[told.kind];
  const isNew = told.seen_at === null;
  // notes are written in Markdown, messages are not
  const noted = told.kind === "mention" || told.kind === "task";
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
            {told.text !== null && <span className={css.text}>{noted ? plainWords(told.text) : told.text}</span>}
          </span>
        </span>
        {isNew && <span className={css.dot} role="img" aria-label={t`not seen yet`} />}
      </a>
    </li>
  );
}
