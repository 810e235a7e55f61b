import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Conversation, Id } from "@partyline/kit/api";
import { shortWhen, wholeNumber } from "@partyline/kit/i18n";
import { useConversation, useMe, useMinute, usePresence } from "@partyline/kit/react";
import { Avatar, ChannelMark, classes, Dots } from "@partyline/kit/ui";
import { Ban, BellOff, CircleAlert, Eye, ListChecks, Paperclip } from "@partyline/kit/ui/icons";
import { memo } from "react";
import { contactName, PriorityMark, take, Waiting } from "../conversation/index.ts";
import { LabelChips } from "../labels/index.ts";
import css from "./list.module.css";

type Props = { id: Id; selected: boolean; position: number; total: number; onSelect: (id: Id) => void };

/** Labels drawn in a row; the number says the rest. */
const MOST_LABELS = 2;

/** One conversation in three lines: who and since when, what, and on which channel with whom. */
export const ConversationRow = memo(function ConversationRow({ id, selected, position, total, onSelect }: Props) {
  const { t } = useLingui();
  const conversation = useConversation(id);
  const me = useMe()?.user.id;
  const now = useMinute();
  if (!conversation) return null;
  const last = conversation.last_message;
  const failed = last?.delivery_status === "failed";
  const at = new Date(conversation.last_activity_at);
  const [channel] = conversation.channels;
  return (
    // The listbox has the focus and the keys; an option only takes clicks.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={`row-${id}`}
      role="option"
      aria-selected={selected}
      aria-posinset={position}
      aria-setsize={Math.max(total, position)}
      className={classes(css.row, selected && css.selected, conversation.unread && css.isUnread)}
      draggable
      onDragStart={(event) => take(event, id)}
      onClick={() => onSelect(id)}
    >
      <div>
        <span className={`el ${css.name}`}>{contactName(conversation)}</span>
        <PriorityMark priority={conversation.priority} />
        {conversation.unread && <span className="sr">{t`unread`}</span>}
        <span className={css.gap} />
        {conversation.waiting_since ? (
          <Waiting conversation={conversation} />
        ) : (
          <time className={css.time}>{shortWhen(at, new Date(now))}</time>
        )}
      </div>
      <div>
        {failed && <CircleAlert className={css.failed} aria-label={t`not delivered`} />}
        {last?.has_attachments && <Paperclip className={css.clip} aria-label={t`attachment`} />}
        <span className={`el ${css.text}`}>
          {last?.direction === "outbound" && <Speaker conversation={conversation} me={me} />}
          {conversation.preview || conversation.subject}
        </span>
      </div>
      <div>
        {channel && <ChannelMark kind={channel.kind} />}
        {conversation.opted_out && (
          <span className={css.opted}>
            <Ban aria-hidden />
            {t`opted out`}
          </span>
        )}
        {conversation.open_tasks > 0 && (
          <span
            className={css.tasks}
            data-tip={plural(conversation.open_tasks, { one: "# open task", other: "# open tasks" })}
          >
            <ListChecks aria-hidden />
            <span aria-hidden="true">{wholeNumber(conversation.open_tasks)}</span>
            <span className="sr">{plural(conversation.open_tasks, { one: "# open task", other: "# open tasks" })}</span>
          </span>
        )}
        {conversation.muted && <BellOff className={css.eye} aria-label={t`muted`} />}
        <LabelChips ids={conversation.label_ids} most={MOST_LABELS} />
        <span className={css.gap} />
        <Faces conversation={conversation} me={me} />
      </div>
    </div>
  );
});

function Speaker({ conversation, me }: { conversation: Conversation; me: Id | undefined }) {
  const { t } = useLingui();
  const name = conversation.last_message?.author_name;
  // The list knows the author's name only; a namesake of mine is rare and harmless here.
  const self = useMe()?.user;
  if (me !== undefined && name === self?.name) return <>{t`You:`} </>;
  const first = name?.split(" ", 1)[0];
  return first ? <>{t`${first}:`} </> : null;
}

/** The only faces in a list are colleagues: who is on it, who types, who reads. */
function Faces({ conversation, me }: { conversation: Conversation; me: Id | undefined }) {
  const { typing, viewers } = usePresence(conversation.id);
  const writer = typing.find(({ id }) => id !== me);
  const reader = writer ? undefined : viewers.find(({ id }) => id !== me);
  const people = [
    ...new Map(
      [...conversation.assignees, ...(writer ? [writer] : reader ? [reader] : [])].map((person) => [person.id, person]),
    ).values(),
  ];
  return (
    <>
      {writer && (
        <span className={css.writing}>
          <Dots />
          {writer.name.split(" ", 1)[0]}
        </span>
      )}
      {reader && <Eye className={css.eye} aria-label={reader.name} />}
      <span className={css.faces}>
        {people.slice(0, 3).map(({ id, name }) => (
          <Avatar key={id} id={id} name={name} typing={id === writer?.id} />
        ))}
      </span>
    </>
  );
}
