import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { ListedTask, Note } from "@partyline/kit/api";
import { useMay, useMe, useTaskChanges } from "@partyline/kit/react";
import { shownKeys } from "@partyline/kit/shortcuts";
import { Checkbox, classes, showToast } from "@partyline/kit/ui";
import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import { useLocation } from "wouter";
import { contactName, useActions } from "../conversation/index.ts";
import { listedCss, ListPane, useListed, useRowKeys } from "../listed/index.ts";
import { entryPath } from "../place/index.ts";
import { Due, plainWords, useNoteActions } from "../thread/index.ts";
import css from "./tasks.module.css";

const UNDO_MS = 10_000;
const TOAST = "task";

type Which = "mine" | "nobody" | "done";
const QUERIES: Record<Which, { assignee: string; state: string }> = {
  mine: { assignee: "me", state: "open" },
  nobody: { assignee: "nobody", state: "open" },
  done: { assignee: "me", state: "done" },
};

/** My tasks, nobody's, and those that I have done. */
export function TasksPane() {
  const { t } = useLingui();
  const [which, setWhich] = useState<Which>("mine");
  const listed = useListed<ListedTask>("/tasks", QUERIES[which], useTaskChanges());
  const tabs: [Which, string][] = [
    ["mine", t`Mine`],
    ["nobody", t`Nobody’s`],
    ["done", t`Done`],
  ];
  return (
    <ListPane
      name={t`Tasks`}
      tabs={{ label: t`Which tasks`, all: tabs, chosen: which, onChoose: setWhich }}
      listed={listed}
      words={{
        loading: t`Loading tasks`,
        failed: t`The tasks could not be loaded`,
        nothing: which === "done" ? t`Nothing is done yet` : t`Nothing to do here`,
        hint: t`A note becomes a task by its tick box: it then waits here for whoever it is for.`,
      }}
    >
      {(tasks) => <TaskList key={which} tasks={tasks} />}
    </ListPane>
  );
}

function TaskList({ tasks }: { tasks: readonly ListedTask[] }) {
  const list = useRef<HTMLUListElement>(null);
  const finish = useFinish();
  /** Where the focus was: when its row goes, the next one has it. */
  const at = useRef<number | null>(0);
  const { links, focus, step } = useRowKeys(
    list,
    { next: msg`Next task`, previous: msg`Previous task` },
    () => at.current ?? 0,
  );
  useEffect(() => {
    if (at.current !== null && (document.activeElement === null || document.activeElement === document.body))
      focus(at.current);
  }, [tasks, focus]);

  const keys = (event: KeyboardEvent<HTMLUListElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLAnchorElement)) return;
    const task = tasks[links().indexOf(event.target)];
    const key = event.key.toLowerCase();
    if (key === "arrowdown" || key === "arrowup") step(key === "arrowdown" ? 1 : -1);
    else if ((key === "x" || key === " ") && task?.entry.type === "note") finish(task.entry);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // The keys are those of the links inside.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <ul ref={list} className={listedCss.list} onKeyDown={keys}>
      {tasks.map((task, index) => (
        <TaskRow
          key={task.entry.id}
          task={task}
          onFinish={finish}
          onFocus={() => {
            at.current = index;
          }}
        />
      ))}
    </ul>
  );
}

/** Marks a task done, or not done after all; for a moment that can be undone. */
function useFinish() {
  const { t } = useLingui();
  const actions = useActions();
  const notes = useNoteActions();
  const may = useMay("conversation.note");
  return (note: Note) => {
    if (!may) return;
    const done = note.task?.done_at === null;
    void notes.finishTask(note, done).then((kept) => {
      if (!kept) return;
      const back = () => void notes.finishTask(note, !done);
      actions.remember({ id: `task ${note.id}`, run: back });
      const text = done ? t`Done.` : t`Not done after all.`;
      showToast({
        id: TOAST,
        text,
        duration: UNDO_MS,
        action: { label: t`Undo`, keys: shownKeys("app.undo", "Z"), run: () => actions.undo() },
      });
    });
  };
}

type RowProps = { task: ListedTask; onFinish: (note: Note) => void; onFocus: () => void };

function TaskRow({ task, onFinish, onFocus }: RowProps) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const me = useMe()?.user.id;
  const may = useMay("conversation.note");
  const { entry, conversation } = task;
  if (entry.type !== "note" || entry.task === null) return null;
  const words = plainWords(entry.text);
  const done = entry.task.done_at !== null;
  const name = contactName(conversation);
  const author = entry.author.id === me ? t`you` : (entry.author.name ?? "");
  const to = entryPath(conversation.id, entry.id);
  const open = (event: MouseEvent) => {
    // A new tab stays the browser's business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <li className={classes(css.row, done && css.done)}>
      <Checkbox checked={done} disabled={!may} aria-label={t`Done: ${words}`} onChange={() => onFinish(entry)} />
      <a href={to} onClick={open} onFocus={onFocus} draggable={false}>
        <span className={css.words}>{words}</span>
        <span className={css.about}>
          <span className="el">{t`${name} · noted by ${author}`}</span>
          <Due task={entry.task} />
        </span>
      </a>
    </li>
  );
}
