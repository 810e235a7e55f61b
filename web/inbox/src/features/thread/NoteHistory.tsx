import { useLingui } from "@lingui/react/macro";
import type { Note, Page, Revision } from "@partyline/kit/api";
import { fullWhen } from "@partyline/kit/i18n";
import { useApp } from "@partyline/kit/react";
import { Button, Dialog, DialogGap, Notice, Spinner } from "@partyline/kit/ui";
import { useEffect, useState } from "react";
import { Markdown } from "./Markdown.tsx";
import css from "./noteHistory.module.css";

/** What a note says and said, the newest first. */
export function NoteHistory({ note, onClose }: { note: Note; onClose: () => void }) {
  const { t } = useLingui();
  const { client } = useApp();
  const [before, setBefore] = useState<readonly Revision[] | "failed" | null>(null);
  useEffect(() => {
    let gone = false;
    client.get<Page<Revision>>(`/notes/${note.id}/revisions`).then(
      ({ data }) => gone || setBefore(data.data.toReversed()),
      () => gone || setBefore("failed"),
    );
    return () => {
      gone = true;
    };
    // edited while it is looked at: it is read again
  }, [client, note.id, note.edited_at]);
  return (
    <Dialog
      title={t`What the note said`}
      onClose={onClose}
      actions={
        <>
          <DialogGap />
          <Button onClick={onClose}>{t`Close`}</Button>
        </>
      }
    >
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={css.history} role="region" aria-label={t`Versions`} tabIndex={0} data-autofocus>
        <Version name={note.edited_by?.name ?? ""} at={note.edited_at ?? note.at} now>
          <Markdown text={note.text} names={note.mentions} />
        </Version>
        {before === null && <Spinner />}
        {before === "failed" && <Notice tone="danger">{t`What it said before could not be loaded.`}</Notice>}
        {Array.isArray(before) &&
          (before as readonly Revision[]).map(({ revision, author, at, text }) => (
            <Version key={revision} name={author.name} at={at}>
              <Markdown text={text} names={note.mentions} />
            </Version>
          ))}
      </div>
    </Dialog>
  );
}

function Version({ name, at, now, children }: { name: string; at: string; now?: boolean; children: React.ReactNode }) {
  const { t } = useLingui();
  return (
    <section className={css.version} data-now={now}>
      <h3>
        <b>{name}</b> <time dateTime={at}>{fullWhen(new Date(at))}</time>
        {now && <span className={css.badge}>{t`now`}</span>}
      </h3>
      {children}
    </section>
  );
}
