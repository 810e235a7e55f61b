import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { ListedMessage, Message, Page } from "@partyline/kit/api";
import { fullWhen, shortWhen } from "@partyline/kit/i18n";
import { useApp, useMinute, useSentChanges } from "@partyline/kit/react";
import { Button, classes, Skeleton } from "@partyline/kit/ui";
import { CircleAlert, Clock } from "@partyline/kit/ui/icons";
import { useCallback, useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import { useLocation } from "wouter";
import { contactName } from "../conversation/index.ts";
import { placePath } from "../place/index.ts";
import css from "./sent.module.css";

const PAGE = 50;
const PAGE_MAX = 200;
/** What happens to messages comes in bursts, each of several steps: the list is read again once they pause, in ms. */
const PAUSE_MS = 300;

type Which = "scheduled" | "sent";
type Shown = { messages: readonly ListedMessage[]; next: string | null };

/** My messages, across conversations: those that wait for their time, or those that were sent. */
export function SentPane({ which }: { which: Which }) {
  const { t } = useLingui();
  const { shown, failed, load, more } = useMessages(which);
  const name = which === "scheduled" ? t`Scheduled` : t`Sent`;
  return (
    <section className={css.pane} aria-label={name}>
      <div className={css.bar}>
        <h2>{name}</h2>
      </div>
      {failed ? (
        <div className={css.centre} role="alert">
          <b>{t`The messages could not be loaded`}</b>
          <Button onClick={load}>{t`Try again`}</Button>
        </div>
      ) : shown === null ? (
        <div className={css.skeletons} role="status" aria-label={t`Loading messages`}>
          <Skeleton width="70%" height={20} />
          <Skeleton width="52%" height={20} />
          <Skeleton width="61%" height={20} />
        </div>
      ) : shown.messages.length === 0 ? (
        <div className={css.centre}>
          <b>{which === "scheduled" ? t`Nothing waits for its time` : t`You have sent nothing yet`}</b>
          {which === "scheduled" && <p>{t`The arrow beside Send, or Alt+Enter, sends a message later.`}</p>}
        </div>
      ) : (
        <MessageList messages={shown.messages} more={shown.next === null ? undefined : more} />
      )}
    </section>
  );
}

/** One of the lists, read again whenever the log tells of messages that we wrote. */
function useMessages(which: Which) {
  const { client } = useApp();
  const changes = useSentChanges();
  const [shown, setShown] = useState<Shown | null>(null);
  const [failed, setFailed] = useState(false);
  const asked = useRef(0);
  const long = useRef(PAGE);
  const ask = useCallback(
    async (cursor: string | null) => {
      asked.current += 1;
      const turn = asked.current;
      try {
        const limit = cursor === null ? long.current : PAGE;
        const query = { view: which, cursor, limit };
        const { data } = await client.get<Page<ListedMessage>>("/messages", { query });
        if (turn !== asked.current) return;
        setFailed(false);
        setShown((before) => {
          const messages = [...(cursor === null ? [] : (before?.messages ?? [])), ...data.data];
          long.current = Math.min(Math.max(PAGE, messages.length), PAGE_MAX);
          return { messages, next: data.next_cursor };
        });
      } catch {
        if (turn === asked.current) setFailed(true);
      }
    },
    [client, which],
  );
  const first = useRef(true);
  useEffect(() => {
    const pause = first.current || changes < 0 ? 0 : PAUSE_MS;
    first.current = false;
    const timer = setTimeout(() => void ask(null), pause);
    return () => clearTimeout(timer);
  }, [ask, changes]);
  return {
    shown,
    failed: failed && shown === null,
    load: () => void ask(null),
    more: () => void ask(shown?.next ?? null),
  };
}

function MessageList({ messages, more }: { messages: readonly ListedMessage[]; more: (() => void) | undefined }) {
  const { t } = useLingui();
  const { commands } = useApp();
  const list = useRef<HTMLUListElement>(null);
  const step = useCallback((by: 1 | -1) => {
    const rows = [...(list.current?.querySelectorAll("a") ?? [])];
    const now = rows.findIndex((row) => row === document.activeElement);
    rows[now < 0 ? 0 : Math.max(0, Math.min(now + by, rows.length - 1))]?.focus();
  }, []);
  useEffect(() => {
    const group = msg`List`;
    return commands.add([
      { id: "list.next", title: msg`Next message`, group, keys: ["J"], unlisted: true, run: () => step(1) },
      { id: "list.previous", title: msg`Previous message`, group, keys: ["K"], unlisted: true, run: () => step(-1) },
    ]);
  }, [commands, step]);
  const keys = (event: KeyboardEvent<HTMLUListElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    step(event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      {/* The keys are those of the links inside. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <ul ref={list} className={css.list} onKeyDown={keys}>
        {messages.map((message) => (
          <MessageRow key={message.entry.id} message={message} />
        ))}
      </ul>
      {more && (
        <Button className={css.more} onClick={more}>
          {t`Show more`}
        </Button>
      )}
    </>
  );
}

function MessageRow({ message }: { message: ListedMessage }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const { entry, conversation } = message;
  if (entry.type !== "message") return null;
  const files = entry.attachments.map(({ name }) => name).join(", ");
  const to = `${placePath({ team: null, view: "all", conversation: conversation.id })}#${entry.id}`;
  const open = (event: MouseEvent) => {
    // A new tab stays the browser's business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <li className={css.row}>
      <a href={to} onClick={open} draggable={false}>
        <span className={css.about}>
          <b className="el">{t`To ${contactName(conversation)}`}</b>
          <Time entry={entry} />
        </span>
        <span className={css.words}>{entry.text === "" ? files : entry.text}</span>
      </a>
    </li>
  );
}

/** When it leaves, or when it was written and whether it failed. */
function Time({ entry }: { entry: Message }) {
  const { t } = useLingui();
  const now = new Date(useMinute());
  const { status, send_at, cancel_on_reply } = entry.delivery ?? {};
  if (status === "scheduled" && send_at) {
    const when = fullWhen(new Date(send_at));
    return (
      <span className={css.time}>
        <Clock aria-hidden />
        {cancel_on_reply ? t`${when}, unless they write first` : when}
      </span>
    );
  }
  const wrong = status === "failed" || status === "unknown";
  const at = shortWhen(new Date(entry.at), now);
  return (
    <span className={classes(css.time, wrong && css.wrong)}>
      {wrong && <CircleAlert aria-hidden />}
      {status === "failed" ? t`not delivered, ${at}` : status === "unknown" ? t`perhaps not sent, ${at}` : at}
    </span>
  );
}
