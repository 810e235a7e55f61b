import { useLingui } from "@lingui/react/macro";
import type { Note } from "@partyline/kit/api";
import { listOf, wholeNumber } from "@partyline/kit/i18n";
import { lately, useMay, useMe, useUsers } from "@partyline/kit/react";
import { IconButton } from "@partyline/kit/ui";
import { SmilePlus } from "@partyline/kit/ui/icons";
import { Suspense, useRef, useState } from "react";
import css from "./note.module.css";
import { useNoteActions } from "./useNoteActions.ts";

const { Lately: EmojiPicker } = lately(async () => (await import("./EmojiPicker.tsx")).EmojiPicker);

/** What people have reacted with. Pressed again, mine is taken back. */
export function NoteReactions({ note }: { note: Note }) {
  const { t } = useLingui();
  const me = useMe()?.user.id;
  const may = useMay("conversation.note");
  const users = useUsers();
  const actions = useNoteActions();
  if (note.reactions.length === 0) return null;
  return (
    <span className={css.reactions}>
      {note.reactions.map(({ emoji, user_ids }) => {
        const mine = me !== undefined && user_ids.includes(me);
        const names = user_ids.map((id) =>
          id === me ? t`You` : (users.find((user) => user.id === id)?.name ?? t`Somebody`),
        );
        const who = listOf(names);
        return (
          <button
            key={emoji}
            type="button"
            className={css.reaction}
            aria-pressed={mine}
            aria-label={t`${emoji}, from ${who}`}
            data-tip={who}
            aria-disabled={!may || undefined}
            onClick={() => may && void actions.react(note, emoji, !mine)}
          >
            {emoji} <span className="num">{wholeNumber(user_ids.length)}</span>
          </button>
        );
      })}
    </span>
  );
}

/** Opens the emoji to react with. */
export function ReactButton({ note }: { note: Note }) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <IconButton
        ref={button}
        label={t`React`}
        compact
        className={css.tool}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <SmilePlus aria-hidden />
      </IconButton>
      <Suspense>{open && <EmojiPicker note={note} anchor={button} onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}
