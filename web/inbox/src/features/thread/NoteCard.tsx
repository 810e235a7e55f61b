import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type Note } from "@partyline/kit/api";
import { lately, useMay, useMe } from "@partyline/kit/react";
import { Button, IconButton, Kbd } from "@partyline/kit/ui";
import { CircleAlert, Lock, Pencil, SquareCheck } from "@partyline/kit/ui/icons";
import { Suspense, useEffect, useRef, useState } from "react";
import { marked, NoteBox, unmarked, useMentionables } from "../composer/index.ts";
import { setEditing, useEditing, type Editing } from "./editing.ts";
import { Markdown } from "./Markdown.tsx";
import css from "./note.module.css";
import { NoteReactions, ReactButton } from "./NoteReactions.tsx";
import { TaskLine } from "./TaskLine.tsx";
import { useNoteActions } from "./useNoteActions.ts";
import { When } from "./When.tsx";

const { Lately: NoteHistory } = lately(async () => (await import("./NoteHistory.tsx")).NoteHistory);
const { Lately: TaskDialog } = lately(async () => (await import("./TaskDialog.tsx")).TaskDialog);

/** A note: what it says, who has reacted, and whose task it is. Who may rewrites it in its place. */
export function NoteCard({ entry }: { entry: Note }) {
  const { t } = useLingui();
  const me = useMe()?.user;
  const may = useMay("conversation.note");
  const editing = useEditing(entry.id);
  const [dialog, setDialog] = useState<"history" | "task" | null>(null);
  const edit = useRef<HTMLButtonElement>(null);
  const mayEdit = may && (entry.author.id === me?.id || me?.role === "admin" || me?.role === "owner");
  return (
    <article id={entry.id} className={css.note}>
      <div className={css.head}>
        <Lock aria-hidden />
        <b className="el">{entry.author.name}</b>
        <span className={css.about}>
          <When at={entry.at} plain />
          <span className={css.whose}> · {t`only the team sees this`}</span>
          {entry.edited_at !== null && (
            <>
              {" · "}
              <button type="button" className={css.edited} onClick={() => setDialog("history")}>
                {t`edited`}
              </button>
            </>
          )}
        </span>
        <span className={css.gap} />
        {may && editing === null && (
          <span className={css.tools}>
            <ReactButton note={entry} />
            {entry.task === null && (
              <IconButton label={t`Make it a task`} compact className={css.tool} onClick={() => setDialog("task")}>
                <SquareCheck aria-hidden />
              </IconButton>
            )}
            {mayEdit && (
              <IconButton
                ref={edit}
                label={t`Edit the note`}
                compact
                className={css.tool}
                onClick={() => setEditing({ note: entry.id, back: () => edit.current?.focus() })}
              >
                <Pencil aria-hidden />
              </IconButton>
            )}
          </span>
        )}
        <NoteReactions note={entry} />
      </div>
      {editing ? <Editor note={entry} editing={editing} /> : <Markdown text={entry.text} names={entry.mentions} />}
      {entry.task && <TaskLine note={entry} task={entry.task} onChange={may ? () => setDialog("task") : undefined} />}
      <Suspense>
        {dialog === "history" && <NoteHistory note={entry} onClose={() => setDialog(null)} />}
        {dialog === "task" && <TaskDialog note={entry} onClose={() => setDialog(null)} />}
      </Suspense>
    </article>
  );
}

function Editor({ note, editing }: { note: Note; editing: Editing }) {
  const { t } = useLingui();
  const actions = useNoteActions();
  const mentionables = useMentionables();
  const box = useRef<HTMLTextAreaElement>(null);
  const [draft, setDraft] = useState(() => unmarked(note.text, mentionables));
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    const field = box.current;
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }, []);

  const leave = () => {
    setEditing(null);
    // what had the focus is drawn again first
    requestAnimationFrame(editing.back);
  };
  const save = async () => {
    const text = marked(draft, mentionables).trim();
    if (busy || text === "") return;
    setBusy(true);
    try {
      if (text !== note.text) await actions.edit(note, text);
      leave();
    } catch (problem) {
      setFault(
        problem instanceof ApiProblem
          ? problem.detail
          : t`Not saved: the server can’t be reached. What you wrote is kept here.`,
      );
      setBusy(false);
    }
  };
  return (
    <div className={css.editor}>
      <NoteBox
        ref={box}
        note={draft}
        readOnly={busy}
        label={t`The note`}
        onNote={(next) => {
          setFault(null);
          setDraft(next);
        }}
        onSend={() => void save()}
        onEscape={leave}
      />
      {fault !== null && (
        <p className={css.fault} role="alert">
          <CircleAlert aria-hidden />
          {fault}
        </p>
      )}
      <div className={css.editorFoot}>
        <Button look="quiet" compact onClick={leave}>
          {t`Cancel`} <Kbd keys="Escape" />
        </Button>
        <Button compact busy={busy} disabled={draft.text.trim() === ""} onClick={() => void save()}>
          {t`Save`} <Kbd keys="Ctrl+Enter" />
        </Button>
      </div>
    </div>
  );
}
