import { useLingui } from "@lingui/react/macro";
import type { Conversation, Entry } from "@partyline/kit/api";
import { clockTime } from "@partyline/kit/i18n";
import { Avatar, Button, ChannelMark, Dialog, DialogGap, Kbd } from "@partyline/kit/ui";
import { Check } from "@partyline/kit/ui/icons";
import { useState, type RefObject } from "react";
import { contactName } from "../conversation/index.ts";
import css from "./composer.module.css";
import { sharedWords, type Piece } from "./overlap.ts";
import type { Question } from "./useSend.ts";

type Props = {
  question: Question;
  conversation: Conversation;
  text: string;
  /** Where the writing goes on. */
  box: RefObject<HTMLElement | null>;
  onEdit: () => void;
  onSend: () => void;
  onDiscard: () => void;
};

/** Somebody was faster: both texts side by side. The safe way on is the first. */
export function StaleReplyDialog({ question, conversation, text, box, onEdit, onSend, onDiscard }: Props) {
  const { t } = useLingui();
  const latest = question.entries.findLast((entry) => entry.type !== "event");
  const colleague = latest?.author.kind === "user";
  const who = colleague ? (latest.author.name ?? "") : contactName(conversation);
  const first = who.split(" ", 1)[0] ?? who;
  const [asked] = useState(() => Date.now());
  const ago = latest ? Math.max(1, Math.round((asked - Date.parse(latest.at)) / 1_000)) : null;
  const title =
    latest?.type === "note"
      ? t`${first} left a note meanwhile`
      : ago !== null && ago < 60
        ? colleague
          ? t`${first} replied ${ago} s ago`
          : t`${first} wrote ${ago} s ago`
        : colleague
          ? t`${first} replied meanwhile`
          : t`${first} wrote meanwhile`;
  const theirs = latest?.text ?? "";
  const [left, right] = sharedWords(theirs, text);
  const shared = left.some((piece) => piece.shared);
  const kind = conversation.channels[0]?.kind;
  return (
    <Dialog
      title={title}
      lead={t`You had not seen it when you pressed Send. Nothing of yours has gone out.`}
      mark={latest && <Avatar id={latest.author.id ?? ""} name={who} size={24} contact={!colleague} />}
      large
      width={656}
      onClose={onEdit}
      focusAfter={box}
      actions={
        <>
          <Button look="quiet" tone="danger" onClick={onDiscard}>{t`Discard mine`}</Button>
          <DialogGap />
          <Button onClick={onSend}>
            {t`Send anyway`} <Kbd keys="Ctrl+Enter" />
          </Button>
          <Button look="primary" onClick={onEdit} data-autofocus>
            {t`Edit my reply`} <Kbd keys="Enter" />
          </Button>
        </>
      }
    >
      <div className={css.both} ref={(element) => bindDialogKey(element, onSend)}>
        <div>
          <div className={css.bothMeta}>
            <b>{colleague ? t`${first} sent` : t`${first} wrote`}</b>
            {kind && latest?.type === "message" && <ChannelMark kind={kind} />}
            {latest && <span className="num">{clockTime(new Date(latest.at))}</span>}
            {latest && <Receipt entry={latest} />}
          </div>
          <p className={colleague ? css.theirsOut : css.theirsIn}>{pieces(left)}</p>
        </div>
        <div>
          <div className={css.bothMeta}>
            <b>{t`Your reply`}</b>
            {kind && <ChannelMark kind={kind} />}
            <span className={css.end}>{t`held`}</span>
          </div>
          <p className={css.yours}>{pieces(right)}</p>
        </div>
      </div>
      {shared && <p className={css.sharedLine}>≈ {t`Words that stand in both are marked.`}</p>}
    </Dialog>
  );
}

/** Ctrl+Enter anywhere in the dialog sends. */
function bindDialogKey(element: HTMLElement | null, send: () => void): (() => void) | undefined {
  const dialog = element?.closest("dialog");
  if (!dialog) return undefined;
  const listen = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    send();
  };
  dialog.addEventListener("keydown", listen);
  return () => dialog.removeEventListener("keydown", listen);
}

function Receipt({ entry }: { entry: Entry }) {
  const { t } = useLingui();
  if (entry.type !== "message" || entry.delivery?.status !== "delivered") return null;
  return (
    <span className={css.receipt}>
      <Check aria-hidden />
      {t`delivered`}
    </span>
  );
}

function pieces(list: Piece[]) {
  // oxlint-disable-next-line react/no-array-index-key -- the parts of a text have no other identity
  return list.map((piece, at) => (piece.shared ? <mark key={at}>{piece.text}</mark> : piece.text));
}
