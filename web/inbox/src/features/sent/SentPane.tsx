import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { ListedMessage, Message } from "@partyline/kit/api";
import { fullWhen, shortWhen } from "@partyline/kit/i18n";
import { useMinute, useSentChanges } from "@partyline/kit/react";
import { classes } from "@partyline/kit/ui";
import { CircleAlert, Clock } from "@partyline/kit/ui/icons";
import { useRef, type KeyboardEvent, type MouseEvent } from "react";
import { useLocation } from "wouter";
import { contactName } from "../conversation/index.ts";
import { listedCss, ListPane, useListed, useRowKeys } from "../listed/index.ts";
import { placePath } from "../place/index.ts";
import css from "./sent.module.css";

/** What happens to messages comes in bursts, each of several steps: the list is read again once they pause, in ms. */
const PAUSE_MS = 300;

/** My messages, across conversations: those that wait for their time, or those that were sent. */
export function SentPane({ which }: { which: "scheduled" | "sent" }) {
  const { t } = useLingui();
  const listed = useListed<ListedMessage>("/messages", { view: which }, useSentChanges(), PAUSE_MS);
  const scheduled = which === "scheduled";
  return (
    <ListPane
      name={scheduled ? t`Scheduled` : t`Sent`}
      listed={listed}
      words={{
        loading: t`Loading messages`,
        failed: t`The messages could not be loaded`,
        nothing: scheduled ? t`Nothing waits for its time` : t`You have sent nothing yet`,
        hint: scheduled ? t`The arrow beside Send, or Alt+Enter, sends a message later.` : undefined,
      }}
    >
      {(messages) => <MessageList messages={messages} />}
    </ListPane>
  );
}

function MessageList({ messages }: { messages: readonly ListedMessage[] }) {
  const list = useRef<HTMLUListElement>(null);
  const { step } = useRowKeys(list, { next: msg`Next message`, previous: msg`Previous message` });
  const keys = (event: KeyboardEvent<HTMLUListElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    step(event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // The keys are those of the links inside.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <ul ref={list} className={listedCss.list} onKeyDown={keys}>
      {messages.map((message) => (
        <MessageRow key={message.entry.id} message={message} />
      ))}
    </ul>
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
