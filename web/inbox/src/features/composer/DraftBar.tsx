import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type Draft as Shared } from "@partyline/kit/api";
import { clockTime } from "@partyline/kit/i18n";
import { lately, useApp, useMay, useMe } from "@partyline/kit/react";
import { Avatar, Button, showToast } from "@partyline/kit/ui";
import { CircleAlert, Eye, Paperclip } from "@partyline/kit/ui/icons";
import { Suspense, useEffect, useState, type RefObject } from "react";
import css from "./draftBar.module.css";
import type { SharedState } from "./useShared.ts";

const { Lately: ReviewDialog } = lately(async () => (await import("./ReviewDialog.tsx")).ReviewDialog);

type Props = {
  shared: SharedState;
  /** Where the writing goes on. */
  box: RefObject<HTMLTextAreaElement | null>;
  onSend: (draft: Shared) => void;
};

/** What the team has in the place of my text: somebody's draft, or two texts of which one has to be chosen. */
export function DraftBar({ shared, box, onSend }: Props) {
  const { asked, theirs, mine, sharing } = shared;
  const focus = () => requestAnimationFrame(() => box.current?.focus());
  if (asked) return <TwoTexts draft={asked} onChoose={(which) => (sharing.choose(asked, which), focus())} />;
  if (theirs) return <TheirDraft key={theirs.id} draft={theirs} shared={shared} onTaken={focus} onSend={onSend} />;
  if (!mine) return null;
  return mine.review ? (
    <InReview draft={mine} shared={shared} />
  ) : (
    <AskForReview draft={mine} shared={shared} box={box} />
  );
}

function firstOf({ name }: { name: string }): string {
  return name.split(" ", 1)[0] ?? name;
}

function TheirDraft({
  draft,
  shared: { sharing },
  onTaken,
  onSend,
}: {
  draft: Shared;
  shared: SharedState;
  onTaken: () => void;
  onSend: (draft: Shared) => void;
}) {
  const { t } = useLingui();
  const { client, commands, desk } = useApp();
  const me = useMe()?.user.id;
  const [busy, setBusy] = useState(false);
  const [open, setOpen] = useState(false);
  const first = firstOf(draft.holder);
  const asks = draft.review?.reviewer.id === me;
  const mayReview = useMay("drafts.review") && draft.review === null && !draft.free;
  useEffect(
    () =>
      commands.add([
        {
          id: "composer.theirDraft",
          title: msg`See the draft`,
          group: msg`This conversation`,
          unlisted: true,
          run: () => setOpen(true),
        },
      ]),
    [commands],
  );
  const attempt = async (work: () => Promise<unknown>, then?: () => void) => {
    setBusy(true);
    try {
      await work();
      then?.();
    } catch (problem) {
      showToast({
        id: "draft",
        text: problem instanceof ApiProblem ? problem.detail : t`The server can’t be reached.`,
        tone: "danger",
      });
    } finally {
      setBusy(false);
    }
  };
  const back = async () => {
    const { conversation_id, channel_id } = draft;
    const path = `/conversations/${conversation_id}/drafts/${channel_id}/review/end`;
    desk.applyDraft({ conversation_id, channel_id, draft: await client.post<Shared>(path, {}) });
    commands.run("composer.note");
  };
  const look = async () => {
    const { conversation_id, channel_id } = draft;
    const path = `/conversations/${conversation_id}/drafts/${channel_id}/review`;
    desk.applyDraft({ conversation_id, channel_id, draft: await client.post<Shared>(path, {}) });
  };
  const title = asks
    ? draft.review?.asked_by === me
      ? t`${first} can’t send this before you have looked`
      : t`${first} asks you to look at this`
    : draft.free
      ? t`${first} left a draft here`
      : t`${first} writes a draft here`;
  return (
    <section className={css.bar} aria-label={title}>
      <div className={css.head}>
        <Avatar id={draft.holder.id} name={draft.holder.name} />
        <b className="el" role="status">
          {title}
        </b>
        <span className={css.time}>{clockTime(new Date(draft.updated_at))}</span>
        <span className={css.gap} />
        {asks && (
          <>
            <Button compact busy={busy} onClick={() => onSend(draft)}>{t`Send it`}</Button>
            <Button compact busy={busy} onClick={() => void attempt(back)}>{t`Send back with a note`}</Button>
          </>
        )}
        {mayReview && (
          <Button
            compact
            look="quiet"
            busy={busy}
            onClick={() => void attempt(look)}
          >{t`Review before it is sent`}</Button>
        )}
        <Button
          compact
          busy={busy}
          data-take
          onClick={() => void attempt(() => sharing.take(draft), onTaken)}
        >{t`Take over`}</Button>
      </div>
      <button
        type="button"
        className={css.text}
        data-open={open || undefined}
        aria-expanded={open}
        aria-label={t`${first}’s draft: ${draft.text}`}
        onClick={() => setOpen(!open)}
      >
        {draft.text}
      </button>
      {draft.attachments.length > 0 && (
        <span className={css.files}>
          <Paperclip aria-hidden />
          <span className="el">{draft.attachments.map(({ name }) => name).join(", ")}</span>
        </span>
      )}
    </section>
  );
}

function TwoTexts({ draft, onChoose }: { draft: Shared; onChoose: (which: "theirs" | "mine" | "both") => void }) {
  const { t } = useLingui();
  const time = clockTime(new Date(draft.updated_at));
  return (
    <section className={css.bar} data-ask role="alert" aria-label={t`Two texts`}>
      <div className={css.head}>
        <CircleAlert aria-hidden />
        <b className="el">{t`Two texts: the draft of ${time}, and yours below`}</b>
      </div>
      <p className={css.text} data-open>
        {draft.text}
      </p>
      <div className={css.ways}>
        <Button compact onClick={() => onChoose("both")}>{t`Keep both`}</Button>
        <Button compact onClick={() => onChoose("mine")}>{t`Keep mine`}</Button>
        <Button compact onClick={() => onChoose("theirs")}>{t`Use the draft`}</Button>
      </div>
    </section>
  );
}

/** The command that asks for a review; nothing is seen of it until it runs. */
function AskForReview({ draft, shared, box }: { draft: Shared; shared: SharedState; box: Props["box"] }) {
  const { commands } = useApp();
  const [open, setOpen] = useState(false);
  const { conversation_id: id } = draft;
  const { sharing } = shared;
  useEffect(
    () =>
      commands.add([
        {
          id: "composer.review",
          title: msg`Ask for a review of the draft`,
          also: msg`lead approve check second pair of eyes`,
          group: msg`This conversation`,
          run: () => void sharing.flush(id).then(() => setOpen(true)),
        },
      ]),
    [commands, sharing, id],
  );
  if (!open) return null;
  return (
    <Suspense>
      <ReviewDialog draft={draft} box={box} onClose={() => setOpen(false)} />
    </Suspense>
  );
}

function InReview({ draft, shared }: { draft: Shared; shared: SharedState }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const me = useMe()?.user.id;
  if (!draft.review || draft.review.reviewer.id === me) return null;
  const first = firstOf(draft.review.reviewer);
  const end = async () => {
    await shared.sharing.flush(draft.conversation_id);
    const { conversation_id, channel_id } = draft;
    try {
      const path = `/conversations/${conversation_id}/drafts/${channel_id}/review/end`;
      desk.applyDraft({ conversation_id, channel_id, draft: await client.post<Shared>(path, {}) });
    } catch (problem) {
      if (problem instanceof ApiProblem) showToast({ id: "draft", text: problem.detail, tone: "danger" });
    }
  };
  return (
    <section className={css.bar} aria-label={t`In review`}>
      <div className={css.head}>
        <Eye aria-hidden />
        <b className="el" role="status">{t`${first} looks at this before it is sent`}</b>
        <span className={css.gap} />
        {draft.review.asked_by === me && (
          <Button compact onClick={() => void end()}>{t`Take the question back`}</Button>
        )}
      </div>
    </section>
  );
}
