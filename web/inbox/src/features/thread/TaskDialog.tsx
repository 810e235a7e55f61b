import { useLingui } from "@lingui/react/macro";
import type { Note } from "@partyline/kit/api";
import { useForm, useMe, useUsers } from "@partyline/kit/react";
import { Button, Combobox, Dialog, DialogGap, Field, Notice, TextField } from "@partyline/kit/ui";
import { useId, useState } from "react";
import { localValue, snoozeTimes, useTimeNames } from "../snooze/index.ts";
import css from "./taskDialog.module.css";
import { useNoteActions } from "./useNoteActions.ts";

const NOBODY = "nobody";

/** Makes a note a task, or says anew whose it is and until when. */
export function TaskDialog({ note, onClose }: { note: Note; onClose: () => void }) {
  const { t } = useLingui();
  const formId = useId();
  const me = useMe()?.user.id;
  const users = useUsers();
  const actions = useNoteActions();
  const names = useTimeNames();
  const [times] = useState(() => snoozeTimes(new Date()));
  const { task } = note;
  const form = useForm({
    initial: {
      assignee_id: (task === null ? me : task.assignee?.id) ?? NOBODY,
      due_at: task?.due_at ? localValue(new Date(task.due_at)) : "",
    },
    submit: async ({ assignee_id, due_at }) => {
      await actions.putTask(note, {
        assignee_id: assignee_id === NOBODY ? null : assignee_id,
        due_at: due_at === "" ? null : new Date(due_at).toISOString(),
      });
      onClose();
    },
  });
  const able = users.filter(({ id, active, role }) => (active && role !== "viewer") || id === task?.assignee?.id);
  const options = [
    ...able
      .toSorted((a, b) => Number(b.id === me) - Number(a.id === me))
      .map(({ id, name }) => ({ value: id, label: id === me ? t`${name} (you)` : name })),
    { value: NOBODY, label: t`Nobody yet` },
  ];
  const remove = async () => {
    if (await actions.removeTask(note)) onClose();
  };
  return (
    <Dialog
      title={task === null ? t`Make it a task` : t`The task`}
      width={400}
      onClose={onClose}
      actions={
        <>
          {task !== null && (
            <Button look="quiet" tone="danger" onClick={() => void remove()}>{t`No task any more`}</Button>
          )}
          <DialogGap />
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form={formId} look="primary" busy={form.busy}>
            {task === null ? t`Make it a task` : t`Save`}
          </Button>
        </>
      }
    >
      <form id={formId} className={css.form} {...form.attributes}>
        {form.faults.form !== null && <Notice tone="danger">{form.faults.form}</Notice>}
        <Field label={t`Whose`} fault={form.faults.fields["assignee_id"]}>
          {(bound) => (
            <Combobox
              {...bound}
              options={options}
              value={form.values.assignee_id}
              onChange={(next) => form.set("assignee_id", next)}
            />
          )}
        </Field>
        <TextField label={t`Due`} hint={t`May be left out.`} type="datetime-local" {...form.text("due_at")} />
        <div className={css.times}>
          {times.map(({ id, at }) => (
            <Button key={id} compact onClick={() => form.set("due_at", localValue(at))}>
              {names[id]}
            </Button>
          ))}
        </div>
      </form>
    </Dialog>
  );
}
