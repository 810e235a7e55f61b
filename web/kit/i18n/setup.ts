import { i18n, type Messages } from "@lingui/core";
import { messages as english } from "./locales/en.po";

/** Locales with a catalogue; the first is the fallback. */
export const LOCALES = ["en"] as const;
export type Locale = (typeof LOCALES)[number];

const CATALOGUES: Record<Locale, () => Promise<{ messages: Messages }>> = {
  en: () => Promise.resolve({ messages: english }),
};

/** Loads the catalogue that fits the browser best and makes it current; sets `<html lang>`. */
export async function startI18n(wanted: readonly string[] = navigator.languages): Promise<void> {
  const locale = LOCALES.find((known) => wanted.some((tag) => tag.toLowerCase().startsWith(known))) ?? LOCALES[0];
  const { messages } = await CATALOGUES[locale]();
  i18n.loadAndActivate({ locale, messages });
  document.documentElement.lang = locale;
}
