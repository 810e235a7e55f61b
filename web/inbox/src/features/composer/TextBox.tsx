import type { Costly } from "@partyline/kit/sms";
import type { KeyboardEvent, ReactNode, Ref } from "react";
import type { Slash } from "../canned/index.ts";
import css from "./composer.module.css";

type Props = {
  ref: Ref<HTMLTextAreaElement>;
  text: string;
  /** Characters to mark in the text. */
  costly: readonly Costly[];
  readOnly: boolean;
  label: string;
  placeholder: string;
  onText: (text: string) => void;
  onFiles: ((files: Iterable<File>) => void) | undefined;
  onSend: (thenClose: boolean) => void;
  onPlain: () => void;
  /** More ways to send. */
  onMenu: () => void;
  /** Canned responses, after a slash. */
  slash: Slash;
};

/** The text field: grows with its text, and marks costly characters. */
export function TextBox({
  ref,
  text,
  costly,
  readOnly,
  label,
  placeholder,
  onText,
  onFiles,
  onSend,
  onPlain,
  onMenu,
  slash,
}: Props) {
  const keys = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || slash.keys(event)) return;
    const modified = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && modified) {
      event.preventDefault();
      onSend(event.shiftKey);
    } else if (event.key === "Enter" && event.altKey) {
      event.preventDefault();
      onMenu();
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
        {...slash.aria}
        onChange={(event) => {
          onText(event.target.value);
          if (!(event.nativeEvent as InputEvent).isComposing) slash.caret(event.target.selectionStart);
        }}
        onSelect={(event) => {
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
