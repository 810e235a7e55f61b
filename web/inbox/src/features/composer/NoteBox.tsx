import { Plural, useLingui } from "@lingui/react/macro";
import { useTeams, useUsers, useVisibleTeams } from "@partyline/kit/react";
import { Avatar } from "@partyline/kit/ui";
import { Users } from "@partyline/kit/ui/icons";
import { useId, useMemo, useState, type KeyboardEvent, type Ref } from "react";
import { flushSync } from "react-dom";
import css from "./composer.module.css";
import { mentioned, mentionQuery, moved, suggested, wrapped, type Mentionable, type NoteText } from "./mentions.ts";

type Props = {
  ref?: Ref<HTMLTextAreaElement>;
  note: NoteText;
  readOnly: boolean;
  label: string;
  placeholder?: string;
  onNote: (note: NoteText) => void;
  onSend: (thenClose: boolean) => void;
  /** Escape, where nothing is suggested. */
  onEscape?: () => void;
  /** Up, where nothing is written. */
  onUp?: () => void;
};

/** Everybody and every team, for the names in notes. */
export function useMentionables(): readonly Mentionable[] {
  const users = useUsers();
  const teams = useTeams();
  return useMemo(() => [...users, ...teams], [users, teams]);
}

type Suggestion = Mentionable & { team: boolean; detail: string | null };

/** Who can be mentioned; who shares a name with another is told apart by more. */
function useSuggestions(query: string | null): Suggestion[] {
  const { t } = useLingui();
  const users = useUsers();
  const teams = useVisibleTeams();
  if (query === null) return [];
  const shared = (name: string) => [...users, ...teams].filter((other) => other.name === name).length > 1;
  return suggested(query, [
    ...users
      .filter(({ active }) => active)
      .map(({ id, name, email }) => ({ id, name, team: false, detail: shared(name) ? email : null })),
    ...teams.map(({ id, name }) => ({ id, name, team: true, detail: t`Team` })),
  ]);
}

/** The text field of a note: grows with its text, completes mentions, makes words bold and italic by key. */
export function NoteBox({ ref, note, readOnly, label, placeholder, onNote, onSend, onEscape, onUp }: Props) {
  const { t } = useLingui();
  const listId = useId();
  const [caret, setCaret] = useState(0);
  const [at, setAt] = useState(0);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const query = mentionQuery(note, caret);
  const found = useSuggestions(query === dismissed ? null : query);
  const chosen = Math.min(at, found.length - 1);
  const open = found.length > 0;

  const write = (text: string) => onNote({ text, mentions: moved(note.text, text, note.mentions) });
  const select = (box: HTMLTextAreaElement, from: number, to: number) => {
    box.setSelectionRange(from, to);
    setCaret(to);
  };
  const insert = (box: HTMLTextAreaElement, who: Mentionable | undefined) => {
    if (query === null || !who) return;
    const next = mentioned(note, caret, query, who);
    flushSync(() => onNote(next.note));
    select(box, next.caret, next.caret);
    setAt(0);
  };
  const wrap = (box: HTMLTextAreaElement, mark: string) => {
    const next = wrapped(note.text, box.selectionStart, box.selectionEnd, mark);
    flushSync(() => write(next.text));
    select(box, next.from, next.to);
  };
  const keys = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || readOnly) return;
    const box = event.currentTarget;
    const modified = event.ctrlKey || event.metaKey;
    const mark = { b: "**", i: "*" }[event.key.toLowerCase()];
    const take = (act: () => void) => {
      event.preventDefault();
      act();
    };
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp"))
      take(() => setAt((chosen + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length));
    else if (open && !modified && (event.key === "Enter" || event.key === "Tab"))
      take(() => insert(box, found[chosen]));
    else if (open && event.key === "Escape") take(() => setDismissed(query));
    else if (event.key === "Enter" && modified) take(() => onSend(event.shiftKey));
    else if (modified && !event.shiftKey && !event.altKey && mark !== undefined) take(() => wrap(box, mark));
    else if (event.key === "ArrowUp" && note.text === "" && onUp) take(onUp);
    else if (event.key === "Escape") take(() => (onEscape ? onEscape() : box.blur()));
  };

  return (
    <div className={css.box}>
      {open && (
        <div className={css.suggestions} id={listId} role="listbox" aria-label={t`Colleagues`}>
          {found.map((who, index) => (
            // The text field keeps the focus and the keys.
            // oxlint-disable-next-line jsx-a11y/interactive-supports-focus
            <div
              key={who.id}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === chosen}
              onMouseDown={(event) => {
                event.preventDefault();
                const box = event.currentTarget.closest(`.${css.box}`)?.querySelector("textarea");
                if (box) insert(box, who);
              }}
            >
              {who.team ? <Users aria-hidden /> : <Avatar id={who.id} name={who.name} />}
              <span className="el">{who.name}</span>
              {who.detail !== null && <span className={css.suggestionDetail}>{who.detail}</span>}
            </div>
          ))}
        </div>
      )}
      <div className={css.mirror} aria-hidden="true">
        {note.text}
        {"\u200b"}
      </div>
      <textarea
        ref={ref}
        className={css.text}
        value={note.text}
        rows={1}
        readOnly={readOnly}
        aria-label={label}
        placeholder={placeholder}
        aria-controls={open ? listId : undefined}
        aria-haspopup={open ? "listbox" : undefined}
        aria-activedescendant={open ? `${listId}-${chosen}` : undefined}
        onChange={(event) => {
          write(event.target.value);
          setCaret(event.target.selectionStart);
          setDismissed(null);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyDown={keys}
      />
      <span className="sr" role="status">
        {open && <Plural value={found.length} one="# colleague" other="# colleagues" />}
      </span>
    </div>
  );
}
