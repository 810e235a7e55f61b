import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { ListedTask, Note, Page } from "@partyline/kit/api";
import { useApp, useMay, useMe, useTaskChanges } from "@partyline/kit/react";
import { shownKeys } from "@partyline/kit/shortcuts";
import { Button, Checkbox, classes, showToast, Skeleton } from "@partyline/kit/ui";
import { useCallback, useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import { useLocation } from "wouter";
import { contactName, useActions } from "../conversation/index.ts";
import { entryPath } from "../place/index.ts";
import { Due, plainWords, useNoteActions } from "../thread/index.ts";
import css from "./tasks.module.css";

const PAGE = 50;
const PAGE_MAX = 200;
const UNDO_MS = 10_000;
const TOAST = "task";

type Which = "mine" | "nobody" | "done";
const QUERIES: Record<Which, { assignee: string; state: string }> = {
  mine: { assignee: "me", state: "open" },
  nobody: { assignee: "nobody", state: "open" },
  done: { assignee: "me", state: "done" },
};
type Shown = { which: Which; tasks: readonly ListedTask[]; next: string | null };

/** My tasks, nobody's, and those that I have done. */
export function TasksPane() {
  const { t } = useLingui();
  const [which, setWhich] = useState<Which>("mine");
  const { shown, failed, load, more } = useTasks(which);
  const tabs: [Which, string][] = [
    ["mine", t`Mine`],
    ["nobody", t`Nobody’s`],
    ["done", t`Done`],
  ];
  return (
    <section className={css.pane} aria-label={t`Tasks`}>
      <div className={css.bar}>
        <h2>{t`Tasks`}</h2>
        <div className={css.tabs} role="group" aria-label={t`Which tasks`}>
          {tabs.map(([id, name]) => (
            <button key={id} type="button" aria-pressed={id === which} onClick={() => setWhich(id)}>
              {name}
            </button>
          ))}
        </div>
      </div>
      {failed ? (
        <div className={css.centre} role="alert">
          <b>{t`The tasks could not be loaded`}</b>
          <Button onClick={load}>{t`Try again`}</Button>
        </div>
      ) : shown === null ? (
        <div className={css.skeletons} role="status" aria-label={t`Loading tasks`}>
          <Skeleton width="70%" height={20} />
          <Skeleton width="52%" height={20} />
          <Skeleton width="61%" height={20} />
        </div>
      ) : shown.tasks.length === 0 ? (
        <div className={css.centre}>
          <b>{which === "done" ? t`Nothing is done yet` : t`Nothing to do here`}</b>
          <p>{t`A note becomes a task by its tick box: it then waits here for whoever it is for.`}</p>
        </div>
      ) : (
        <TaskList key={which} tasks={shown.tasks} more={shown.next === null ? undefined : more} />
      )}
    </section>
  );
}

/** The tasks of one tab, read again whenever the log tells of some. */
function useTasks(which: Which) {
  const { client } = useApp();
  const changes = useTaskChanges();
  const [shown, setShown] = useState<Shown | null>(null);
  const [failed, setFailed] = useState(false);
  const asked = useRef(0);
  const long = useRef(PAGE);
  const ask = useCallback(
    async (cursor: string | null) => {
      asked.current += 1;
      const turn = asked.current;
      try {
        const limit = cursor === null ? long.current : PAGE;
        const { data } = await client.get<Page<ListedTask>>("/tasks", { query: { ...QUERIES[which], cursor, limit } });
        if (turn !== asked.current) return;
        setFailed(false);
        setShown((before) => {
          const kept = cursor !== null && before?.which === which ? before.tasks : [];
          const tasks = [...kept, ...data.data];
          long.current = Math.min(Math.max(PAGE, tasks.length), PAGE_MAX);
          return { which, tasks, next: data.next_cursor };
        });
      } catch {
        if (turn === asked.current) setFailed(true);
      }
    },
    [client, which],
  );
  useEffect(() => {
    long.current = PAGE;
  }, [which]);
  useEffect(() => {
    if (changes >= 0) void ask(null);
  }, [ask, changes]);
  const here = shown?.which === which ? shown : null;
  return {
    shown: here,
    failed: failed && here === null,
    load: () => void ask(null),
    more: () => void ask(here?.next ?? null),
  };
}

function TaskList({ tasks, more }: { tasks: readonly ListedTask[]; more: (() => void) | undefined }) {
  const { t } = useLingui();
  const { commands } = useApp();
  const list = useRef<HTMLUListElement>(null);
  const finish = useFinish();
  /** Where the focus was: when its row goes, the next one has it. */
  const at = useRef<number | null>(0);

  const links = () => [...(list.current?.querySelectorAll("a") ?? [])];
  const focus = useCallback((index: number) => {
    const rows = [...(list.current?.querySelectorAll("a") ?? [])];
    rows[Math.max(0, Math.min(index, rows.length - 1))]?.focus();
  }, []);
  const step = useCallback(
    (by: 1 | -1) => {
      const rows = [...(list.current?.querySelectorAll("a") ?? [])];
      const now = rows.findIndex((row) => row === document.activeElement);
      focus(now < 0 ? (at.current ?? 0) : now + by);
    },
    [focus],
  );
  useEffect(() => {
    if (at.current !== null && (document.activeElement === null || document.activeElement === document.body))
      focus(at.current);
  }, [tasks, focus]);
  useEffect(() => {
    const group = msg`List`;
    return commands.add([
      { id: "list.next", title: msg`Next task`, group, keys: ["J"], unlisted: true, run: () => step(1) },
      { id: "list.previous", title: msg`Previous task`, group, keys: ["K"], unlisted: true, run: () => step(-1) },
    ]);
  }, [commands, step]);

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
    <>
      {/* The keys are those of the links inside. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <ul ref={list} className={css.list} onKeyDown={keys}>
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
      {more && (
        <Button className={css.more} onClick={more}>
          {t`Show more`}
        </Button>
      )}
    </>
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
