import { Plural, useLingui } from "@lingui/react/macro";
import type { User } from "@partyline/kit/api";
import { useUsers } from "@partyline/kit/react";
import type { Costly } from "@partyline/kit/sms";
import { Avatar } from "@partyline/kit/ui";
import { useId, useState, type KeyboardEvent, type ReactNode, type Ref } from "react";
import type { Slash } from "../canned/index.ts";
import css from "./composer.module.css";
import { mentionQuery } from "./model.ts";

const MOST_SUGGESTIONS = 5;

type Props = {
  ref: Ref<HTMLTextAreaElement>;
  text: string;
  note: boolean;
  /** Characters to mark in the text. */
  costly: readonly Costly[];
  readOnly: boolean;
  label: string;
  placeholder: string;
  onText: (text: string) => void;
  onFiles: ((files: Iterable<File>) => void) | undefined;
  onSend: (thenClose: boolean) => void;
  onPlain: () => void;
  /** Canned responses, after a slash. */
  slash: Slash;
};

/** The text field: grows with its text, marks costly characters, and in a note completes mentions. */
export function TextBox({
  ref,
  text,
  note,
  costly,
  readOnly,
  label,
  placeholder,
  onText,
  onFiles,
  onSend,
  onPlain,
  slash,
}: Props) {
  const { t } = useLingui();
  const listId = useId();
  const users = useUsers();
  const [caret, setCaret] = useState(0);
  const [at, setAt] = useState(0);
  const [dismissed, setDismissed] = useState<string | null>(null);

  const query = note ? mentionQuery(text, caret) : null;
  const found =
    query === null || query === dismissed
      ? []
      : users
          .filter(
            (user) => user.active && user.name.toLowerCase().startsWith(query.toLowerCase()) && user.name !== query,
          )
          .slice(0, MOST_SUGGESTIONS);
  const chosen = Math.min(at, found.length - 1);
  const open = found.length > 0;

  const insert = (user: User) => {
    if (query === null) return;
    const start = caret - query.length;
    onText(`${text.slice(0, start)}${user.name} ${text.slice(caret)}`);
    setCaret(start + user.name.length + 1);
    setAt(0);
  };
  const keys = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || slash.keys(event)) return;
    const modified = event.ctrlKey || event.metaKey;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      setAt((chosen + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length);
    } else if (open && !modified && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      const user = found[chosen];
      if (user) insert(user);
    } else if (open && event.key === "Escape") {
      event.preventDefault();
      setDismissed(query);
    } else if (event.key === "Enter" && modified) {
      event.preventDefault();
      onSend(event.shiftKey);
    } else if (event.altKey && (event.key === "." || event.code === "Period")) {
      event.preventDefault();
      onPlain();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.currentTarget.blur();
    }
  };

  return (
    <div className={css.box}>
      {open && (
        <div className={css.suggestions} id={listId} role="listbox" aria-label={t`Colleagues`}>
          {found.map((user, index) => (
            // The text field keeps the focus and the keys.
            // oxlint-disable-next-line jsx-a11y/interactive-supports-focus
            <div
              key={user.id}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === chosen}
              onMouseDown={(event) => {
                event.preventDefault();
                insert(user);
              }}
            >
              <Avatar id={user.id} name={user.name} />
              {user.name}
            </div>
          ))}
        </div>
      )}
      <div className={css.mirror} aria-hidden="true">
        {marked(text, costly)}
        {"\u200b"}
      </div>
      <textarea
        ref={ref}
        className={css.text}
        value={text}
        rows={1}
        readOnly={readOnly}
        aria-label={label}
        placeholder={placeholder}
        aria-controls={open ? listId : undefined}
        aria-haspopup={open ? "listbox" : undefined}
        aria-activedescendant={open ? `${listId}-${chosen}` : undefined}
        {...slash.aria}
        onChange={(event) => {
          onText(event.target.value);
          setCaret(event.target.selectionStart);
          setDismissed(null);
          if (!(event.nativeEvent as InputEvent).isComposing) slash.caret(event.target.selectionStart);
        }}
        onSelect={(event) => {
          setCaret(event.currentTarget.selectionStart);
          if (!(event.nativeEvent as InputEvent).isComposing) slash.caret(event.currentTarget.selectionStart);
        }}
        onCompositionStart={() => slash.caret(null)}
        onCompositionEnd={(event) => slash.caret(event.currentTarget.selectionStart)}
        onBlur={() => slash.caret(null)}
        onKeyDown={keys}
        onPaste={(event) => {
          if (event.clipboardData.files.length === 0 || !onFiles) return;
          event.preventDefault();
          onFiles(event.clipboardData.files);
        }}
      />
      {slash.list}
      <span className="sr" role="status">
        {open && <Plural value={found.length} one="# colleague" other="# colleagues" />}
      </span>
    </div>
  );
}

/** The text again, beneath the field, with its costly characters marked. */
function marked(text: string, costly: readonly Costly[]): ReactNode[] {
  const spots = costly
    .filter(({ replacement }) => replacement !== null)
    .flatMap(({ character, at }) => at.map((from) => ({ from, to: from + character.length })))
    .sort((a, b) => a.from - b.from);
  const parts: ReactNode[] = [];
  let from = 0;
  for (const spot of spots) {
    parts.push(text.slice(from, spot.from), <mark key={spot.from}>{text.slice(spot.from, spot.to)}</mark>);
    from = spot.to;
  }
  parts.push(text.slice(from));
  return parts;
}
