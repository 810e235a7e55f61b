import { t } from "@lingui/core/macro";
import type { Task } from "@partyline/kit/api";
import { clockTime, daysBetween, longDay } from "@partyline/kit/i18n";

/** Is it late? `now` in ms. */
export function isOverdue(task: Pick<Task, "due_at" | "done_at">, now: number): boolean {
  return task.done_at === null && task.due_at !== null && Date.parse(task.due_at) <= now;
}

/** When a task is due, as short as it can be said. */
export function dueText(due: Date, now: Date): string {
  const clock = clockTime(due);
  switch (daysBetween(due, now)) {
    case 0:
      return t`today, ${clock}`;
    case 1:
      return t`yesterday, ${clock}`;
    case -1:
      return t`tomorrow, ${clock}`;
    default: {
      const day = longDay(due, now);
      return t`${day}, ${clock}`;
    }
  }
}
