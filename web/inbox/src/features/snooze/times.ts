/** A time to which something can be set aside, by name. */
export type SnoozeTime = { id: "hour" | "evening" | "tomorrow" | "monday"; at: Date };

const HOUR_MS = 3_600_000;
/** Hours of the day, where the person is. */
const EVENING = 18;
const MORNING = 9;
/** An evening that is nearer than this is no choice beside "in an hour". */
const EVENING_LEFT_MS = 2 * HOUR_MS;
const MONDAY = 1;

/** What is offered now: in an hour, this evening, tomorrow at nine, next Monday at nine. The same time is offered once. */
export function snoozeTimes(now: Date): SnoozeTime[] {
  const evening = onDay(now, 0, EVENING);
  const tomorrow = onDay(now, 1, MORNING);
  const toMonday = (MONDAY - now.getDay() + 7) % 7 || 7;
  const times: SnoozeTime[] = [{ id: "hour", at: new Date(now.getTime() + HOUR_MS) }];
  if (evening.getTime() - now.getTime() >= EVENING_LEFT_MS) times.push({ id: "evening", at: evening });
  times.push({ id: "tomorrow", at: tomorrow });
  if (toMonday > 1) times.push({ id: "monday", at: onDay(now, toMonday, MORNING) });
  return times;
}

/** An hour of a day from now, by the wall clock: days on which the clock is changed are shorter or longer. */
function onDay(now: Date, days: number, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
}

const two = (n: number) => String(n).padStart(2, "0");

/** What `<input type="datetime-local">` says of a time, to the minute. */
export function localValue(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
