import { loadPageTexts } from "@partyline/kit/i18n";
import { lazy, type ComponentType, type LazyExoticComponent } from "react";

export type Page = {
  /** A wouter pattern; the first that fits is shown. */
  path: string;
  page: LazyExoticComponent<ComponentType>;
  /** Shown to whoever is not signed in, and only to them; `always`: to everybody. */
  open?: boolean | "always";
};

/** A page in a chunk of its own, with its texts. */
function page(load: () => Promise<ComponentType>): LazyExoticComponent<ComponentType> {
  return lazy(async () => {
    const [shown] = await Promise.all([load(), loadPageTexts()]);
    return { default: shown };
  });
}

/** Pages other than the mailbox, each in a chunk of its own. The mailbox is at every other address. */
export const PAGES: readonly Page[] = [
  {
    path: "/sign-in",
    open: true,
    page: page(async () => (await import("./features/auth/index.ts")).SignInPage),
  },
  {
    path: "/setup",
    open: true,
    page: page(async () => (await import("./features/onboarding/index.ts")).SetupPage),
  },
  {
    path: "/join/:token",
    open: true,
    page: page(async () => (await import("./features/auth/index.ts")).JoinPage),
  },
  {
    path: "/forgot",
    open: true,
    page: page(async () => (await import("./features/auth/index.ts")).ForgotPage),
  },
  {
    path: "/reset/:token",
    open: "always",
    page: page(async () => (await import("./features/auth/index.ts")).ResetPage),
  },
  {
    path: "/settings/*?",
    page: page(async () => (await import("./features/settings/index.ts")).SettingsPage),
  },
];
