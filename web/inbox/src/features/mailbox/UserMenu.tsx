import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useApp, useHeldCount, useMe } from "@partyline/kit/react";
import { shownKeys } from "@partyline/kit/shortcuts";
import { Avatar, currentTheme, Menu, setTheme, type MenuSection } from "@partyline/kit/ui";
import {
  BellRing,
  CalendarClock,
  ChevronDown,
  Keyboard,
  ListChecks,
  LogOut,
  MailWarning,
  Monitor,
  Moon,
  Pencil,
  Send,
  Settings,
  Sun,
} from "@partyline/kit/ui/icons";
import { useState } from "react";
import { useLocation } from "wouter";
import { forgetDrafts } from "../composer/index.ts";
import { DRAFTS_PATH, NOTIFICATIONS_PATH, SCHEDULED_PATH, SENT_PATH, TASKS_PATH } from "../place/index.ts";
import css from "./mailbox.module.css";

export function heldWords(held: number): string {
  return plural(held, { one: "# held message", other: "# held messages" });
}

/** The sections of the menu behind the user's face: appearance, shortcuts, sign out. */
export function useUserMenu(): MenuSection[] {
  const { t } = useLingui();
  const [location, navigate] = useLocation();
  const { client, commands, desk, live } = useApp();
  const held = useHeldCount();
  const [theme, choose] = useState(currentTheme);
  const pick = (next: typeof theme) => {
    setTheme(next);
    choose(next);
  };
  const signOut = async () => {
    live.stop();
    await client.delete("/session").catch(() => undefined);
    desk.signOut();
    forgetDrafts();
    sessionStorage.clear();
    window.location.assign("/sign-in");
  };
  return [
    {
      id: "theme",
      heading: t`Appearance`,
      items: [
        {
          id: "light",
          label: t`Light`,
          icon: <Sun aria-hidden />,
          checked: theme === "light",
          onSelect: () => pick("light"),
        },
        {
          id: "dark",
          label: t`Dark`,
          icon: <Moon aria-hidden />,
          checked: theme === "dark",
          onSelect: () => pick("dark"),
        },
        {
          id: "system",
          label: t`Like the system`,
          icon: <Monitor aria-hidden />,
          checked: theme === "system",
          onSelect: () => pick("system"),
        },
      ],
    },
    {
      id: "more",
      items: [
        {
          id: "notifications",
          label: t`Notifications`,
          icon: <BellRing aria-hidden />,
          onSelect: () => navigate(NOTIFICATIONS_PATH),
        },
        { id: "tasks", label: t`Tasks`, icon: <ListChecks aria-hidden />, onSelect: () => navigate(TASKS_PATH) },
        { id: "drafts", label: t`Drafts`, icon: <Pencil aria-hidden />, onSelect: () => navigate(DRAFTS_PATH) },
        {
          id: "scheduled",
          label: t`Scheduled`,
          icon: <CalendarClock aria-hidden />,
          onSelect: () => navigate(SCHEDULED_PATH),
        },
        { id: "sent", label: t`Sent`, icon: <Send aria-hidden />, onSelect: () => navigate(SENT_PATH) },
        {
          id: "settings",
          label: t`Settings`,
          icon: <Settings aria-hidden />,
          onSelect: () => navigate("/settings", { state: { from: location } }),
        },
        ...(held > 0
          ? [
              {
                id: "held",
                label: heldWords(held),
                icon: <MailWarning aria-hidden />,
                onSelect: () => navigate("/settings/held", { state: { from: location } }),
              },
            ]
          : []),
        {
          id: "help",
          label: t`Keyboard shortcuts`,
          icon: <Keyboard aria-hidden />,
          keys: shownKeys("app.help", "?"),
          onSelect: () => commands.run("app.help"),
        },
        { id: "out", label: t`Sign out`, icon: <LogOut aria-hidden />, onSelect: () => void signOut() },
      ],
    },
  ];
}

/** The user, and behind their face what is theirs. */
export function UserMenu() {
  const me = useMe();
  const sections = useUserMenu();
  if (!me) return null;
  return (
    <Menu
      side="top"
      sections={sections}
      trigger={
        <button type="button" className={css.user}>
          <Avatar id={me.user.id} name={me.user.name} here />
          <span className="el">{me.user.name}</span>
          <span className={css.gap} />
          <ChevronDown aria-hidden />
        </button>
      }
    />
  );
}
