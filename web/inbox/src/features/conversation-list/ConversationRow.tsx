import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Conversation, Id } from "@partyline/kit/api";
import { shortWhen, wholeNumber } from "@partyline/kit/i18n";
import { useConversation, useMe, useMinute, usePresence } from "@partyline/kit/react";
import { Avatar, ChannelMark, classes, Dots } from "@partyline/kit/ui";
import { Ban, BellOff, Check, CircleAlert, Eye, ListChecks, Paperclip } from "@partyline/kit/ui/icons";
import { memo, type DragEvent, type MouseEvent } from "react";
import { contactName, PriorityMark, Waiting } from "../conversation/index.ts";
import { LabelChips } from "../labels/index.ts";
import css from "./list.module.css";

export type RowPress = "open" | "toggle" | "range";

type Props = {
  id: Id;
  /** Is it open? */
  selected: boolean;
  /** Is it one of those that are chosen together? Null where one can't choose. */
  chosen: boolean | null;
  /** Are some chosen? Then that is what is said to be selected. */
  choosing: boolean;
  /** Does the range end here? */
  end: boolean;
  position: number;
  total: number;
  onPress: (id: Id, press: RowPress) => void;
  onTake: (event: DragEvent, id: Id) => void;
};

/** A finger drags nothing: it scrolls, and rests to choose. */
const FINGERS = window.matchMedia("(pointer: coarse)");

/** Labels drawn in a row; the number says the rest. */
const MOST_LABELS = 2;

/** One conversation in three lines: who and since when, what, and on which channel with whom. */
export const ConversationRow = memo(function ConversationRow({
  id,
  selected,
  chosen,
  choosing,
  end,
  position,
  total,
  onPress,
  onTake,
}: Props) {
  const { t } = useLingui();
  const conversation = useConversation(id);
  const me = useMe()?.user.id;
  const now = useMinute();
  if (!conversation) return null;
  const last = conversation.last_message;
  const failed = last?.delivery_status === "failed";
  const at = new Date(conversation.last_activity_at);
  const [channel] = conversation.channels;
  const press = (event: MouseEvent) => {
    const touched = (event.nativeEvent as PointerEvent).pointerType === "touch";
    if (chosen === null) onPress(id, "open");
    else if (event.shiftKey) onPress(id, "range");
    else onPress(id, event.ctrlKey || event.metaKey || (touched && choosing) ? "toggle" : "open");
  };
  return (
    // The listbox has the focus and the keys; an option only takes clicks.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={`row-${id}`}
      role="option"
      aria-selected={choosing ? chosen === true : selected}
      aria-current={choosing && selected ? "true" : undefined}
      aria-posinset={position}
      aria-setsize={Math.max(total, position)}
      className={classes(
        css.row,
        chosen && css.chosen,
        selected && css.selected,
        end && css.end,
        conversation.unread && css.isUnread,
      )}
      draggable={!FINGERS.matches}
      onDragStart={(event) => onTake(event, id)}
      onClick={press}
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
      {chosen !== null && <Box chosen={chosen} onPress={(range) => onPress(id, range ? "range" : "toggle")} />}
    </div>
  );
});

/** For the mouse; X and Shift do the same by key, and the row says whether it is selected. */
function Box({ chosen, onPress }: { chosen: boolean; onPress: (range: boolean) => void }) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
    <span
      className={css.box}
      aria-hidden="true"
      onClick={(event) => {
        event.stopPropagation();
        onPress(event.shiftKey);
      }}
    >
      <span>{chosen && <Check />}</span>
    </span>
  );
}

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
