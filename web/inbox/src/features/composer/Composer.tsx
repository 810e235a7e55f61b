import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Conversation } from "@partyline/kit/api";
import { useApp, useCanned, useChannels, useThread } from "@partyline/kit/react";
import { advise } from "@partyline/kit/sms";
import { shownKeys } from "@partyline/kit/shortcuts";
import { Button, classes, IconButton, Kbd, Spinner } from "@partyline/kit/ui";
import { ArrowUp, Ban, CircleAlert, File, Lock, Paperclip, Undo, X } from "@partyline/kit/ui/icons";
import { Suspense, useEffect, useId, useMemo, useRef, useState, type DragEvent } from "react";
import { flushSync } from "react-dom";
import { useLocation, useSearch } from "wouter";
import { useSlash, type Inserted } from "../canned/index.ts";
import { contactName } from "../conversation/index.ts";
import { HERE, known } from "../keys/index.ts";
import css from "./composer.module.css";
import { Cost, CostStrip } from "./Cost.tsx";
import { DraftBar } from "./DraftBar.tsx";
import { setDraft, useDraft, type Mode } from "./drafts.ts";
import { MOST_CHARACTERS, noteSendable, sendable, viaOf } from "./model.ts";
import { NoteBox } from "./NoteBox.tsx";
import { ConfirmDialog, StaleReplyDialog } from "./questions.ts";
import { SendMenu } from "./SendMenu.tsx";
import { TextBox } from "./TextBox.tsx";
import { useSend, type Held } from "./useSend.ts";
import { usePinned, useShared } from "./useShared.ts";
import { useUploads } from "./useUploads.ts";
import { ViaLine } from "./ViaLine.tsx";

/** Numbers to send from that have a key each: Alt+1 to Alt+5. */
const CHANNEL_KEYS = 5;

export function Composer({ conversation }: { conversation: Conversation }) {
  const { id } = conversation;
  const { t } = useLingui();
  const { commands, live } = useApp();
  const thread = useThread(id);
  const draft = useDraft(id);
  const uploads = useUploads(id);
  const box = useRef<HTMLTextAreaElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<{ id: string; channel: string } | null>(null);
  const [dropping, setDropping] = useState(false);
  const menuId = useId();

  const suggested = useMemo(() => viaOf(conversation, thread?.entries ?? []), [conversation, thread?.entries]);
  const picked = chosen?.id === id ? conversation.channels.find((channel) => channel.id === chosen.channel) : undefined;
  const pinned = usePinned(conversation);
  const via = picked
    ? { channel: picked, why: "chosen" as const }
    : pinned && pinned.id !== suggested?.channel.id
      ? { channel: pinned, why: "draft" as const }
      : suggested;
  const shared = useShared(id, via?.channel.id ?? null);
  const send = useSend(conversation, via?.channel.id ?? null);

  const price = useChannels().find((channel) => channel.id === via?.channel.id)?.settings.price;

  const note = draft.mode === "note";
  const sms = !note && via?.channel.kind === "sms";
  const advice = useMemo(() => advise(draft.text), [draft.text]);
  const tooLong = !note && [...draft.text].length > MOST_CHARACTERS;
  const filled = note ? noteSendable(draft.text) : sendable(draft.text, draft.uploads) && via !== null;
  const ready = filled && !send.busy;
  const blocked = conversation.opted_out && !note;

  const insert = ({ response, rendered, text, caret }: Inserted) => {
    // At once, so that the caret has a place to stand.
    flushSync(() => {
      send.clearFault();
      setDraft(id, { text, canned: response.id });
      uploads.take(rendered.attachments);
    });
    box.current?.focus();
    box.current?.setSelectionRange(caret, caret);
    live.typing(id);
  };
  const slash = useSlash({
    box,
    text: draft.text,
    whom: { conversation_id: id },
    enabled: !note && !send.busy,
    onInsert: insert,
  });
  const canned = useCanned();
  const putIn = useRef(slash.use);
  useEffect(() => {
    putIn.current = slash.use;
  });
  useEffect(() => {
    if (conversation.opted_out) return;
    return commands.add(
      canned.map((response) => ({
        id: `canned.${response.id}`,
        title: msg`Insert ${response.name}`,
        also: { id: response.shortcut ?? response.name },
        group: msg`Canned responses`,
        run: () => {
          commands.run("composer.reply");
          putIn.current(response);
        },
      })),
    );
  }, [commands, canned, conversation.opted_out]);

  useEffect(() => {
    // At once: what is typed next must go into the text, and not be taken for shortcuts. The box may only come with the mode.
    const write = (mode: Mode) => {
      flushSync(() => setDraft(id, { mode }));
      box.current?.focus();
    };
    return commands.add([
      {
        ...known("composer.reply"),
        run: () => write("reply"),
      },
      {
        ...known("composer.note"),
        run: () => write("note"),
      },
      { ...known("composer.later"), run: () => document.getElementById(menuId)?.click() },
      { id: "composer.attach", title: msg`Attach a file`, group: HERE, run: () => files.current?.click() },
    ]);
  }, [commands, id, menuId]);

  // Somebody comes from a notification to answer (public/sw.js).
  const [, navigate] = useLocation();
  const asked = new URLSearchParams(useSearch()).has("reply");
  useEffect(() => {
    if (!asked) return;
    // not within the effect: the command draws at once
    const frame = requestAnimationFrame(() => {
      commands.run("composer.reply");
      navigate(window.location.pathname, { replace: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [asked, commands, navigate]);

  const { channels } = conversation;
  const from = via?.channel.id;
  useEffect(() => {
    const step = (by: 1 | -1) => () => {
      const at = channels.findIndex((channel) => channel.id === from);
      const next = channels[(at + by + channels.length) % channels.length];
      if (next) setChosen({ id, channel: next.id });
    };
    const when = () => channels.length > 1;
    return commands.add([
      { ...known("composer.nextChannel"), when, run: step(1) },
      { ...known("composer.previousChannel"), when, run: step(-1) },
      ...channels.slice(0, CHANNEL_KEYS).map((channel, at) => ({
        id: `composer.channel${at + 1}`,
        title: known("composer.nextChannel").title,
        group: HERE,
        keys: [`Alt+${at + 1}`],
        unlisted: true,
        when,
        run: () => setChosen({ id, channel: channel.id }),
      })),
    ]);
  }, [commands, id, channels, from]);

  const write = (text: string) => {
    send.clearFault();
    setDraft(id, { text });
    if (!note && text !== "") live.typing(id);
  };
  /** The box of the reply takes the place of the note's, and with it the focus. */
  const addNote = async (thenClose: boolean) => {
    await send.send([], { thenClose });
    if (document.activeElement === document.body) box.current?.focus();
  };
  /** As a press by key, so that its first item has the focus. */
  const openMenu = () => document.getElementById(menuId)?.click();
  const replace = (text: string) => {
    write(text);
    box.current?.focus();
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setDropping(false);
    uploads.add(event.dataTransfer.files);
  };

  return (
    <div
      className={css.area}
      onDragOver={(event) => {
        if (note || !event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setDropping(true);
      }}
      onDragLeave={() => setDropping(false)}
      onDrop={drop}
      onBlur={() => void shared.sharing.flush(id)}
    >
      {send.held && <UndoBar held={send.held} name={contactName(conversation)} onUndo={send.takeBack} />}
      <div
        data-region="textarea"
        className={classes(css.composer, note && css.note, tooLong && css.over, dropping && css.dropping)}
      >
        {note ? (
          <div className={css.via}>
            <Lock aria-hidden />
            <b className={css.noteTitle}>{t`Note`}</b>
            <span className="el">{t`only the team sees this`}</span>
            <span className={css.gap} />
            <IconButton
              label={t`Back to the reply`}
              keys={shownKeys("composer.reply", "R")}
              compact
              className={css.small}
              onClick={() => commands.run("composer.reply")}
            >
              <X aria-hidden />
            </IconButton>
          </div>
        ) : (
          <>
            <DraftBar shared={shared} box={box} onSend={(theirs) => void send.approve(theirs)} />
            <ViaLine conversation={conversation} via={via} onChannel={(channel) => setChosen({ id, channel })} />
          </>
        )}
        {blocked ? (
          <div className={css.blocked}>
            <Ban aria-hidden />
            <p>
              <b>{t`They opted out of texts.`}</b> {t`Nothing can be sent to this number until they write START.`}
            </p>
          </div>
        ) : note ? (
          <NoteBox
            key={id}
            ref={box}
            note={draft}
            readOnly={send.busy}
            label={t`Note for the team`}
            placeholder={t`Write a note. @ mentions a colleague or a team`}
            onNote={({ text, mentions }) => {
              send.clearFault();
              setDraft(id, { text, mentions });
            }}
            onSend={(thenClose) => void addNote(thenClose)}
            onUp={() => commands.run("note.editLast")}
          />
        ) : (
          <TextBox
            key={id}
            ref={box}
            text={draft.text}
            costly={sms ? advice.costly : []}
            readOnly={send.busy}
            label={t`Reply to ${contactName(conversation)}`}
            placeholder={t`Write a reply. / for canned responses`}
            onText={write}
            onFiles={uploads.add}
            onSend={(thenClose) => void send.send([], { thenClose })}
            onMenu={openMenu}
            onPlain={() => sms && advice.plain && replace(advice.plain.text)}
            slash={slash}
          />
        )}
        {!note && draft.uploads.length > 0 && (
          <ul className={css.uploads}>
            {draft.uploads.map((upload) => (
              <li key={upload.key} data-state={upload.state}>
                {upload.preview ? <img src={upload.preview} alt="" /> : <File aria-hidden />}
                <span className="el">{upload.name}</span>
                {upload.state === "uploading" && <Spinner />}
                {upload.state === "failed" && <CircleAlert aria-label={t`failed`} />}
                <IconButton
                  label={t`Remove ${upload.name}`}
                  compact
                  className={css.small}
                  onClick={() => uploads.remove(upload.key)}
                >
                  <X aria-hidden />
                </IconButton>
              </li>
            ))}
          </ul>
        )}
        {sms && !blocked && <CostStrip advice={advice} onReplace={replace} />}
        {(send.fault !== null || tooLong) && (
          <p className={css.fault} role="alert">
            <CircleAlert aria-hidden />
            {send.fault ?? t`A text holds at most ${MOST_CHARACTERS} characters.`}
          </p>
        )}
        <div className={css.foot}>
          {!note && !blocked && (
            <IconButton label={t`Attach a file`} compact onClick={() => files.current?.click()}>
              <Paperclip aria-hidden />
            </IconButton>
          )}
          {!note && (
            <Button look="quiet" compact onClick={() => commands.run("composer.note")}>
              <Lock aria-hidden />
              <span className={css.wide}>{t`Note`}</span> <Kbd keys={shownKeys("composer.note", "M")} />
            </Button>
          )}
          <span className={css.gap} />
          {sms && <Cost advice={advice} price={price} />}
          {!blocked && (
            <div className={classes(css.ways, !note && css.split)}>
              <Button
                look="primary"
                className={css.send}
                busy={send.busy}
                disabled={!ready && !send.busy}
                onClick={() => void send.send()}
                aria-keyshortcuts="Control+Enter"
              >
                <ArrowUp aria-hidden className={css.sendIcon} />
                <span className={css.sendWord}>{note ? t`Add note` : t`Send`}</span> <Kbd keys="Ctrl+Enter" />
              </Button>
              {!note && <SendMenu id={menuId} disabled={!ready} box={box} onSend={(how) => void send.send([], how)} />}
            </div>
          )}
        </div>
        <input
          ref={files}
          type="file"
          multiple
          hidden
          aria-label={t`Attach a file`}
          onChange={(event) => {
            uploads.add(event.target.files ?? []);
            event.target.value = "";
          }}
        />
      </div>
      {slash.form}
      <Suspense fallback={null}>
        {send.question?.code === "stale_reply" && (
          <StaleReplyDialog
            question={send.question}
            conversation={conversation}
            text={draft.text}
            box={box}
            onEdit={send.dropQuestion}
            onSend={() => void send.send(send.question?.confirmed, send.question?.how)}
            onDiscard={() => (send.dropQuestion(), setDraft(id, { text: "", uploads: [] }))}
          />
        )}
        {send.question && send.question.code !== "stale_reply" && (
          <ConfirmDialog
            question={send.question}
            box={box}
            onBack={send.dropQuestion}
            onSend={() => void send.send(send.question?.confirmed, send.question?.how)}
          />
        )}
      </Suspense>
    </div>
  );
}

const TICK_MS = 250;

/** While the server holds a message: the seconds left, and the way back. */
function UndoBar({
  held,
  name,
  onUndo,
}: {
  held: Held;
  name: string;
  onUndo: (message: Held["message"]) => Promise<void>;
}) {
  const { t } = useLingui();
  const [left, setLeft] = useState(held.total);
  useEffect(() => {
    const tick = () => setLeft(Math.max(1, Math.ceil((held.until - performance.now()) / 1_000)));
    tick();
    const timer = setInterval(tick, TICK_MS);
    return () => clearInterval(timer);
  }, [held]);
  return (
    <div className={css.undo} role="status">
      <span className="el">{t`Goes out to ${name}`}</span>
      <span className={css.seconds} aria-hidden="true">
        {t`in ${left} s`}
      </span>
      <span className={css.gap} />
      <Button compact look="quiet" className={css.undoButton} onClick={() => void onUndo(held.message)}>
        <Undo aria-hidden />
        {t`Undo`} <Kbd keys={shownKeys("app.undo", "Z")} />
      </Button>
      <i className={css.fuse} style={{ animationDuration: `${held.total}s` }} key={held.message.id} />
    </div>
  );
}
