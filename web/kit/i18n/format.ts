// Formatters are dear to make and cheap to use, so each is made once per locale.
import { i18n } from "@lingui/core";

const made = new Map<string, Intl.DateTimeFormat>();

/** The browser's own variant of the language on screen: dates and hours differ between en-US and en-GB. */
function locale(): string {
  const variant = globalThis.navigator?.languages?.find((tag) => tag.toLowerCase().startsWith(`${i18n.locale}-`));
  return variant ?? i18n.locale;
}

function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale() + JSON.stringify(options);
  let format = made.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale(), options);
    made.set(key, format);
  }
  return format;
}

const numbers = new Map<string, Intl.NumberFormat>();

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale() + JSON.stringify(options);
  let format = numbers.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale(), options);
    numbers.set(key, format);
  }
  return format;
}

const DAY_MS = 86_400_000;

function startOfDay(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}

/** Whole days between the local days of the two, 0 for the same day. */
export function daysBetween(at: Date, now: Date): number {
  return Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);
}

/** "9:31 AM" */
export function clockTime(at: Date): string {
  return dateFormat({ hour: "numeric", minute: "2-digit" }).format(at);
}

/** "24 November", with weekday within the last week and year when it is another one. */
export function longDay(at: Date, now: Date): string {
  const days = daysBetween(at, now);
  if (days > 0 && days < 7) return dateFormat({ weekday: "long", day: "numeric", month: "long" }).format(at);
  if (at.getFullYear() === now.getFullYear()) return dateFormat({ day: "numeric", month: "long" }).format(at);
  return dateFormat({ day: "numeric", month: "long", year: "numeric" }).format(at);
}

/** The shortest that still says when: time today, weekday this week, else the date. */
export function shortWhen(at: Date, now: Date): string {
  const days = daysBetween(at, now);
  if (days <= 0) return clockTime(at);
  if (days < 7) return dateFormat({ weekday: "short" }).format(at);
  if (at.getFullYear() === now.getFullYear()) return dateFormat({ day: "numeric", month: "short" }).format(at);
  return dateFormat({ day: "numeric", month: "short", year: "numeric" }).format(at);
}

/** Day and time in full, for tooltips. */
export function fullWhen(at: Date): string {
  return dateFormat({ dateStyle: "full", timeStyle: "short" }).format(at);
}

/** "Ana, Tom and Priya", as the language joins names. */
export function listOf(names: readonly string[]): string {
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(names);
}

/** "1,024" */
export function wholeNumber(value: number): string {
  return numberFormat({}).format(value);
}

/** "1.9 MB", "129 bytes" */
export function byteSize(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte"] as const;
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return numberFormat({
    style: "unit",
    unit: units[step],
    unitDisplay: step === 0 ? "long" : "short",
    maximumFractionDigits: step > 1 ? 1 : 0,
  }).format(bytes / 1000 ** step);
}

/** An amount of money: small ones with two digits that say something, as in $0.0079. A currency that is unknown here stands as its code. */
export function moneyOf(amount: number, currency: string): string {
  const small = amount > 0 && amount < 0.1;
  const digits = small ? { maximumSignificantDigits: 2 } : {};
  return numberFormat({ style: "currency", currency, ...digits }).format(amount);
}
