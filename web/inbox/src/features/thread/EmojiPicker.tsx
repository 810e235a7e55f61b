import { useLingui } from "@lingui/react/macro";
import type { Note } from "@partyline/kit/api";
import { useMe } from "@partyline/kit/react";
import {
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type FormEvent,
  type KeyboardEvent,
  type RefObject,
} from "react";
import css from "./emojiPicker.module.css";
import { useNoteActions } from "./useNoteActions.ts";

type Props = { note: Note; anchor: RefObject<HTMLElement | null>; onClose: () => void };

/** px between the picker and its button, and the edge of the window. */
const GAP_PX = 4;
/** UTF-16 units of the longest emoji, with room for one more to be refused. */
const TYPED_MAX = 40;

/** A few emoji, and any other that is typed. */
export function EmojiPicker({ note, anchor, onClose }: Props) {
  const { t } = useLingui();
  const me = useMe()?.user.id;
  const actions = useNoteActions();
  const popup = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState("");
  const common: [string, string][] = [
    ["👍", t`Thumbs up`],
    ["❤️", t`Heart`],
    ["🎉", t`Party`],
    ["👀", t`Eyes`],
    ["✅", t`Check mark`],
    ["🙏", t`Thank you`],
  ];

  useLayoutEffect(() => {
    const [box, button] = [popup.current, anchor.current];
    if (!box || !button) return;
    box.showPopover();
    const from = button.getBoundingClientRect();
    const { width, height } = box.getBoundingClientRect();
    const above = from.top - GAP_PX - height;
    box.style.top = `${above >= GAP_PX ? above : from.bottom + GAP_PX}px`;
    box.style.left = `${Math.max(GAP_PX, Math.min(from.right - width, innerWidth - width - GAP_PX))}px`;
    box.querySelector("button")?.focus();
    return () => {
      if (box.contains(document.activeElement) || document.activeElement === document.body) button.focus();
    };
  }, [anchor]);
  useEffect(() => {
    // It would stay where it is while its note moves.
    document.addEventListener("scroll", onClose, true);
    return () => document.removeEventListener("scroll", onClose, true);
  }, [onClose]);

  const pick = (emoji: string) => {
    if (emoji === "") return;
    const mine = note.reactions.some((one) => one.emoji === emoji && me !== undefined && one.user_ids.includes(me));
    void actions.react(note, emoji, !mine);
    onClose();
  };
  return (
    // The keys are those of the buttons inside.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={popup}
      popover="auto"
      role="dialog"
      aria-label={t`React`}
      data-overlay=""
      className={css.picker}
      onKeyDown={keys}
      onToggle={(event) => {
        if (event.newState === "closed") onClose();
      }}
    >
      {common.map(([emoji, name]) => (
        <button key={emoji} type="button" aria-label={name} data-tip={name} onClick={() => pick(emoji)}>
          {emoji}
        </button>
      ))}
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          pick(typed.trim());
        }}
      >
        <input
          aria-label={t`Another emoji`}
          placeholder={t`Another`}
          value={typed}
          maxLength={TYPED_MAX}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
      </form>
    </div>
  );
}

/** Left and right go from one emoji to the next. */
function keys(event: KeyboardEvent<HTMLDivElement>): void {
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (step === 0 || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  const buttons = [...event.currentTarget.querySelectorAll("button")];
  const at = buttons.findIndex((button) => button === document.activeElement);
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
}
