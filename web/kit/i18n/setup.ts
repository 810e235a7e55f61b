import { i18n, type Messages } from "@lingui/core";
import { messages as english } from "./locales/en.po";

/** Locales with a catalogue; the first is the fallback. */
export const LOCALES = ["en"] as const;
export type Locale = (typeof LOCALES)[number];

type Catalogue = () => Promise<{ messages: Messages }>;

const CATALOGUES: Record<Locale, Catalogue> = {
  en: () => Promise.resolve({ messages: english }),
};

/** The texts of the pages beside the mailbox. */
const OF_PAGES: Record<Locale, Catalogue> = {
  en: () => import("./locales/pages/en.po"),
};

/** Loads the catalogue that fits the browser best and makes it current; sets `<html lang>`. */
export async function startI18n(wanted: readonly string[] = navigator.languages): Promise<void> {
  const locale = LOCALES.find((known) => wanted.some((tag) => tag.toLowerCase().startsWith(known))) ?? LOCALES[0];
  const { messages } = await CATALOGUES[locale]();
  i18n.loadAndActivate({ locale, messages });
  document.documentElement.lang = locale;
}

/** Brings the texts of the pages beside the mailbox, in the language that is shown. */
export async function loadPageTexts(): Promise<void> {
  const locale = LOCALES.find((known) => known === i18n.locale) ?? LOCALES[0];
  const { messages } = await OF_PAGES[locale]();
  i18n.load(locale, messages);
}
