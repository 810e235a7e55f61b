import type { ComboboxOption } from "@partyline/kit/ui";

/** The browser's own time zone; UTC where it has none. */
export function browserTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** "America/Argentina/Buenos_Aires" → "Buenos Aires"; "UTC" stays. */
export function cityOf(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

/** Every time zone that the browser knows, and `own`, by city; the region tells apart what has one name. */
export function timeZoneOptions(
  own: string,
  known: readonly string[] = Intl.supportedValuesOf("timeZone"),
): ComboboxOption[] {
  const zones = new Set([...known.filter((zone) => !zone.startsWith("Etc/")), own, "UTC"]);
  const options = [...zones].map((zone) => ({
    value: zone,
    label: cityOf(zone),
    detail: zone.split("/").slice(0, -1).join(", ").replaceAll("_", " "),
    also: zone,
  }));
  return options.sort((a, b) => a.label.localeCompare(b.label));
}

/** What the clock there shows, in the reader's locale; null where the zone is unknown here. */
export function timeIn(zone: string, now: Date, locale: string): string | null {
  try {
    return new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit", timeZone: zone }).format(now);
  } catch {
    return null;
  }
}
