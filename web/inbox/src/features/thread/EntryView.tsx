import { useLingui } from "@lingui/react/macro";
import type { Attachment, Conversation, EventEntry, Message } from "@partyline/kit/api";
import { byteSize, clockTime, longDay } from "@partyline/kit/i18n";
import { lately, useApp, useMay, useMe, useMinute } from "@partyline/kit/react";
import { Button, ChannelMark, classes, Spinner } from "@partyline/kit/ui";
import {
  Check,
  CheckCheck,
  CircleAlert,
  CircleDashed,
  Clock,
  CloudOff,
  File,
  History,
  RotateCw,
  Undo,
} from "@partyline/kit/ui/icons";
import { createElement, memo, Suspense } from "react";
import { requestEdit } from "../composer/index.ts";
import { contactName, useOutage } from "../conversation/index.ts";
import { eventIcon } from "./eventIcons.ts";
import { FailureCard } from "./FailureCard.tsx";
import { NoteCard } from "./NoteCard.tsx";
import { eventSentence } from "./sentences.ts";
import css from "./thread.module.css";
import type { TimelineItem } from "./timeline.ts";
import { When } from "./When.tsx";

const { Lately: ScheduledCard } = lately(async () => (await import("./ScheduledCard.tsx")).ScheduledCard);

/** Above this many characters a sentence may be cut, and is shown whole on demand. */
const LONG_SENTENCE = 60;

type Props = { item: TimelineItem; conversation: Conversation };

export const EntryView = memo(
  function EntryView({ item, conversation }: Props) {
    if (item.kind === "day") return <DayLine at={item.at} />;
    const { entry } = item;
    if (entry.type === "event") return <EventLine entry={entry} />;
    if (entry.type === "note") return <NoteCard entry={entry} />;
    if (entry.delivery?.status === "cancelled") return <TakenBack entry={entry} />;
    return <MessageView entry={entry} run={item.run} writtenSince={item.writtenSince} conversation={conversation} />;
  },
  (a, b) =>
    a.conversation.id === b.conversation.id &&
    a.conversation.contact === b.conversation.contact &&
    (a.item.kind === "entry" && b.item.kind === "entry"
      ? a.item.entry === b.item.entry && a.item.run === b.item.run && a.item.writtenSince === b.item.writtenSince
      : a.item.key === b.item.key),
);

function DayLine({ at }: { at: Date }) {
  const { t } = useLingui();
  const now = new Date(useMinute());
  const day = longDay(at, now);
  return <div className={css.day}>{at.toDateString() === now.toDateString() ? t`Today, ${day}` : day}</div>;
}

function EventLine({ entry }: { entry: EventEntry }) {
  const me = useMe()?.user.id;
  const sentence = eventSentence(entry, me);
  return (
    <div className={css.event}>
      {createElement(eventIcon(entry), { "aria-hidden": true })}
      <span className="el" data-tip={sentence.length > LONG_SENTENCE ? sentence : undefined}>
        {sentence}
      </span>
      <When at={entry.at} />
    </div>
  );
}

function TakenBack({ entry }: { entry: Message }) {
  const { t } = useLingui();
  const { commands } = useApp();
  const mayReply = useMay("conversation.reply");
  const mine = entry.author.id === useMe()?.user.id;
  const who = entry.author.name ?? "";
  const theyWrote = entry.delivery?.reason === "they_wrote";
  return (
    <div className={css.event}>
      <Undo aria-hidden />
      <span className="el">
        {theyWrote
          ? mine
            ? t`Your planned message did not go out: they wrote first`
            : t`The message that ${who} had planned did not go out: they wrote first`
          : mine
            ? t`You took a message back before it went out`
            : t`${who} took a message back before it went out`}
      </span>
      <When at={entry.at} />
      {theyWrote && mayReply && entry.text !== "" && (
        <Button
          compact
          look="quiet"
          className={css.ownText}
          data-tip={entry.text}
          onClick={() => {
            requestEdit(entry.conversation_id, entry.text);
            commands.run("composer.reply");
          }}
        >
          {t`Use its text`}
        </Button>
      )}
    </div>
  );
}

function MessageView({
  entry,
  run,
  writtenSince,
  conversation,
}: {
  entry: Message;
  run: boolean;
  writtenSince: boolean;
  conversation: Conversation;
}) {
  const { t } = useLingui();
  const me = useMe()?.user.id;
  const out = entry.direction === "outbound";
  const channel = conversation.channels.find(({ id }) => id === entry.channel_id) ?? conversation.channels[0];
  const unnamed = entry.imported ? t`Imported` : t`Automatic`;
  const speaker = out
    ? entry.author.id === me
      ? t`You`
      : (entry.author.name ?? unnamed)
    : firstWord(contactName(conversation));
  const failed = entry.delivery?.status === "failed" || entry.delivery?.status === "unknown";
  return (
    <article className={classes(css.message, out && css.out)} data-run={run || undefined}>
      {!run && (
        <div className={css.meta}>
          <b>{speaker}</b>
          {channel && <ChannelMark kind={channel.kind} />}
          <When at={entry.at} />
          {out && !failed && <DeliveryLine entry={entry} />}
          {entry.imported && !out && <State icon={<History aria-hidden />} word={t`imported`} />}
          {entry.late && <State icon={<Clock aria-hidden />} word={t`arrived late`} />}
          {conversation.channels.length > 1 && channel && (
            <span className="el">{out ? t`from ${channel.name}` : t`to ${channel.name}`}</span>
          )}
        </div>
      )}
      {entry.attachments.length > 0 && (
        <div className={css.attachments}>
          {entry.attachments.map((attachment) => (
            <AttachmentView key={attachment.id} attachment={attachment} />
          ))}
        </div>
      )}
      {entry.text !== "" && (
        <p className={classes(css.bubble, css.words)} data-tip={run ? clockTime(new Date(entry.at)) : undefined}>
          <Linked text={entry.text} />
        </p>
      )}
      {out && run && !failed && <DeliveryLine entry={entry} />}
      {entry.delivery?.status === "scheduled" && (
        <Suspense fallback={null}>
          <ScheduledCard entry={entry} />
        </Suspense>
      )}
      {failed && <FailureCard entry={entry} contact={conversation.contact} writtenSince={writtenSince} />}
    </article>
  );
}

function AttachmentView({ attachment }: { attachment: Attachment }) {
  const { t } = useLingui();
  const size = byteSize(attachment.size);
  if (attachment.state !== "ready") {
    const failed = attachment.state === "failed";
    return (
      <span className={css.file} data-state={attachment.state} role="status">
        {failed ? <CircleAlert aria-hidden /> : <Spinner />}
        <span className="el">{failed ? t`A file that could not be fetched` : t`A file is on its way`}</span>
      </span>
    );
  }
  if (attachment.content_type.startsWith("image/")) {
    return (
      <a href={attachment.url} target="_blank" rel="noreferrer" className={css.picture}>
        <img src={attachment.url} alt={attachment.name} loading="lazy" />
      </a>
    );
  }
  return (
    <a href={attachment.url} target="_blank" rel="noreferrer" className={css.file} download={attachment.name}>
      <File aria-hidden />
      <span className="el">{attachment.name}</span>
      <span className={css.faint}>{size}</span>
    </a>
  );
}

/** How far an outgoing message has come. Always a word beside the icon. */
function DeliveryLine({ entry }: { entry: Message }) {
  const { t } = useLingui();
  const outage = useOutage(entry.channel_id);
  const by = entry.delivery?.resolved_by?.name;
  switch (entry.delivery?.status) {
    case "scheduled":
      return <State icon={<Clock aria-hidden />} word={t`scheduled`} />;
    case "queued":
      if (outage) return <State icon={<CloudOff aria-hidden />} word={t`waits for ${outage.title}`} />;
      return <State icon={<CircleDashed aria-hidden />} word={t`waiting to go out`} />;
    case "sending":
      return <State icon={<RotateCw aria-hidden />} word={t`sending`} />;
    case "sent":
      return <State icon={<Check aria-hidden />} word={by ? t`sent, says ${by}` : t`sent`} />;
    case "delivered":
      return <State icon={<CheckCheck aria-hidden />} word={t`delivered`} />;
    case "read":
      return <State icon={<CheckCheck aria-hidden />} word={t`read`} />;
    default:
      return null;
  }
}

function State({ icon, word }: { icon: React.ReactNode; word: string }) {
  return (
    <span className={css.delivery}>
      {icon}
      {word}
    </span>
  );
}

/** Text with its web addresses as links. */
function Linked({ text }: { text: string }) {
  const parts = text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}’”'])/g);
  return parts.map((part, at) =>
    at % 2 === 1 ? (
      // oxlint-disable-next-line react/no-array-index-key -- the parts of a text have no other identity
      <a key={at} href={part} target="_blank" rel="noreferrer nofollow">
        {part}
      </a>
    ) : (
      part
    ),
  );
}

function firstWord(name: string): string {
  return /^\p{L}/u.test(name) ? (name.split(" ", 1)[0] ?? name) : name;
}
