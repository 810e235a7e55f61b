import { useLingui } from "@lingui/react/macro";
import type { Note, Task } from "@partyline/kit/api";
import { useMe, useMinute } from "@partyline/kit/react";
import { Checkbox, IconButton } from "@partyline/kit/ui";
import { AlarmClock, Pencil } from "@partyline/kit/ui/icons";
import css from "./note.module.css";
import { dueText, isOverdue } from "./task.ts";
import { useNoteActions } from "./useNoteActions.ts";

/** Whose task a note is, and until when; it is done where it is read. */
export function TaskLine({ note, task, onChange }: { note: Note; task: Task; onChange: (() => void) | undefined }) {
  const { t } = useLingui();
  const me = useMe()?.user.id;
  const actions = useNoteActions();
  const done = task.done_at !== null;
  const name = task.assignee?.name ?? "";
  const by = task.done_by?.name ?? "";
  const whose =
    task.assignee === null
      ? t`A task for nobody yet`
      : task.assignee.id === me
        ? t`A task for you`
        : t`A task for ${name}`;
  return (
    <div className={css.task} data-done={done || undefined}>
      <Checkbox
        checked={done}
        disabled={onChange === undefined}
        onChange={(next) => void actions.finishTask(note, next)}
      >
        {done ? (task.done_by?.id === me ? t`Done by you` : t`Done by ${by}`) : whose}
      </Checkbox>
      <Due task={task} />
      {onChange && (
        <IconButton label={t`Change the task`} compact className={css.tool} onClick={onChange}>
          <Pencil aria-hidden />
        </IconButton>
      )}
    </div>
  );
}

/** When it is due; once that has passed, in red and with a word. */
export function Due({ task }: { task: Task }) {
  const { t } = useLingui();
  const now = useMinute();
  if (task.due_at === null || task.done_at !== null) return null;
  const when = dueText(new Date(task.due_at), new Date(now));
  if (!isOverdue(task, now)) return <span className={css.due}>{t`due ${when}`}</span>;
  return (
    <span className={css.due} data-overdue>
      <AlarmClock aria-hidden />
      {t`overdue, ${when}`}
    </span>
  );
}
