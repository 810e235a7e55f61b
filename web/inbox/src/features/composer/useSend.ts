import { t } from "@lingui/core/macro";
import {
  ApiProblem,
  newIdempotencyKey,
  type Conversation,
  type Draft as Shared,
  type Entry,
  type Id,
  type Message,
} from "@partyline/kit/api";
import { RequestKey, useApp, useMe } from "@partyline/kit/react";
import { fullWhen } from "@partyline/kit/i18n";
import { showToast } from "@partyline/kit/ui";
import { useEffect, useState } from "react";
import { SEND_UNDO, UNDO_MS, useActions } from "../conversation/index.ts";
import { attempt, draftOf, setDraft, type Draft } from "./drafts.ts";
import { marked } from "./mentions.ts";
import { lastSeen, reasonTexts, sendable, noteSendable } from "./model.ts";
import { useMentionables } from "./NoteBox.tsx";
import { sharingOf } from "./sharing.ts";

/** A question of the server before it sends: what is new, or why it hesitates. */
export type Question = {
  code: string;
  detail: string;
  entries: Entry[];
  reasons: string[];
  confirmed: string[];
  how: How;
};
/** At once, with the conversation closed, or at a time. */
export type How = { thenClose?: boolean; later?: { at: Date; unlessTheyWrite: boolean } };
/** A message that the server holds for a moment, and until when (ms of `performance.now()`). */
export type Held = { message: Message; until: number; total: number };

/** Sends what the draft of a conversation holds. Nothing of it is lost when that fails. */
export function useSend(conversation: Conversation, channel: Id | null) {
  const { id } = conversation;
  const app = useApp();
  const { commands, desk, loader } = app;
  const sharing = sharingOf(app);
  const actions = useActions();
  const mentionables = useMentionables();
  const undoSeconds = useMe()?.workspace.settings.undo_seconds ?? 5;
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<{ id: Id; text: string } | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const [held, setHeld] = useState<Held | null>(null);
  const [key] = useState(() => new RequestKey());

  useEffect(() => {
    if (!held) return;
    const timer = setTimeout(() => {
      setHeld(null);
      actions.forgetUndo(SEND_UNDO);
    }, held.until - performance.now());
    return () => clearTimeout(timer);
  }, [held, actions]);

  const done = (rest: Partial<Draft>) => {
    key.done();
    setFault(null);
    setDraft(id, { text: "", uploads: [], tried: null, ...rest });
  };
  const takeBack = async (message: Message) => {
    setHeld(null);
    if (!(await actions.takeBack(message))) return;
    if (draftOf(id).text.trim() === "") setDraft(id, { text: message.text, mode: "reply" });
    commands.run("composer.reply");
  };

  /** What one has just written stands at the newest, also where somewhere in the past was read. */
  const toTheEnd = () => {
    if (desk.thread(id)?.newer) void loader.thread(id, "newest");
  };

  const sendNote = async (text: string) => {
    const { mentions } = draftOf(id);
    await actions.note(id, marked({ text, mentions }, mentionables).trim(), key.for([id, text]));
    // a reply that became a note is none any more; one that was there before comes back
    const { base } = draftOf(id);
    done({ mode: "reply", base: base && text.includes(base.text) ? base : null });
    toTheEnd();
  };
  const sendReply = async (text: string, confirmed: string[], { thenClose = false, later }: How) => {
    if (channel === null) return;
    // one that was removed meanwhile can't be counted
    const canned = desk.row("canned", draftOf(id).canned);
    const version = await sharing.settled(id, channel);
    const uploads = draftOf(id).uploads.flatMap(({ attachment }) => (attachment ? [attachment.id] : []));
    const body = {
      text: text.trim(),
      channel_id: channel,
      attachment_ids: uploads,
      seen_entry_id: lastSeen(desk.thread(id)?.entries ?? []),
      ...(later
        ? { send_at: later.at.toISOString(), cancel_on_reply: later.unlessTheyWrite }
        : { undo_seconds: undoSeconds }),
      ...(thenClose ? { close: true } : {}),
      ...(version === null ? {} : { draft_version: version }),
      ...(canned ? { canned_response_id: canned.id } : {}),
      ...(confirmed.length > 0 ? { confirm: confirmed } : {}),
    };
    const tried = attempt(draftOf(id).tried, body, newIdempotencyKey());
    setDraft(id, { tried });
    const message = await actions.send(id, tried.body, tried.key);
    if (tried.body.draft_version !== undefined) sharing.gone(id, channel);
    done({ base: null });
    toTheEnd();
    if (message.delivery?.status === "scheduled" && message.delivery.send_at) {
      const run = () => void takeBack(message);
      actions.remember({ id: SEND_UNDO, run });
      showToast({
        id: SEND_UNDO,
        text: t`Leaves ${fullWhen(new Date(message.delivery.send_at))}.`,
        duration: UNDO_MS,
        action: { label: t`Undo`, keys: "Z", run },
      });
    } else if (undoSeconds > 0) {
      setHeld({ message, until: performance.now() + undoSeconds * 1_000, total: undoSeconds });
      actions.remember({ id: SEND_UNDO, run: () => void takeBack(message) });
    }
    if (tried.body.close) actions.closedWith(id);
    else if (thenClose) commands.run("conversation.close");
  };

  const send = async (confirmed: string[] = [], how: How = {}) => {
    const { text, mode, uploads } = draftOf(id);
    if (busy || !(mode === "note" ? noteSendable(text) : sendable(text, uploads))) return;
    setBusy(true);
    setQuestion(null);
    try {
      if (mode === "note") await sendNote(text);
      else
        await sendReply(text, confirmed, how).catch(async (problem: unknown) => {
          if (channel === null || !sharing.wroteIt(id, channel, problem)) throw problem;
          await sendReply(text, confirmed, how);
        });
    } catch (problem) {
      // a refusal says that nothing was sent; silence, or trouble of the server, does not
      if (problem instanceof ApiProblem && problem.status < 500) setDraft(id, { tried: null });
      const asked = questionOf(problem, confirmed, how);
      if (asked) setQuestion(asked);
      else
        setFault({
          id,
          text:
            problem instanceof ApiProblem
              ? problem.detail
              : t`Not sent: the server can’t be reached. Your text is kept.`,
        });
    } finally {
      setBusy(false);
    }
  };
  /** Sends what somebody has asked me to look at, as it is. */
  const approve = async (draft: Shared) => {
    if (busy) return;
    setBusy(true);
    try {
      const body = {
        text: draft.text,
        channel_id: draft.channel_id,
        attachment_ids: draft.attachments.map(({ id: file }) => file),
        draft_version: draft.version,
        seen_entry_id: lastSeen(desk.thread(id)?.entries ?? []),
        undo_seconds: undoSeconds,
        ...(draft.canned_response_id ? { canned_response_id: draft.canned_response_id } : {}),
      };
      await actions.send(id, body, newIdempotencyKey());
      sharing.gone(id, draft.channel_id);
    } catch (problem) {
      setFault({ id, text: problem instanceof ApiProblem ? problem.detail : t`The server can’t be reached.` });
    } finally {
      setBusy(false);
    }
  };
  return {
    approve,
    busy,
    fault: fault?.id === id ? fault.text : null,
    clearFault: () => fault && setFault(null),
    question,
    dropQuestion: () => setQuestion(null),
    held: held?.message.conversation_id === id ? held : null,
    takeBack,
    send,
  };
}

function questionOf(problem: unknown, confirmed: string[], how: How): Question | null {
  if (
    !(problem instanceof ApiProblem) ||
    problem.status !== 409 ||
    ["idempotency_mismatch", "draft_in_review"].includes(problem.code)
  )
    return null;
  const { code, detail, body } = problem;
  return {
    code,
    detail,
    entries: Array.isArray(body.entries) ? (body.entries as Entry[]) : [],
    reasons: reasonTexts(body.reasons),
    confirmed: [...confirmed, code],
    how,
  };
}
