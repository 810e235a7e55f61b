import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Notification as Told } from "@partyline/kit/api";
import { useApp, useMe, useNotificationChanges } from "@partyline/kit/react";
import { useEffect } from "react";
import { useLocation } from "wouter";
import { NOTIFICATIONS_PATH, placePath } from "../place/index.ts";
import { canAsk } from "./desktop.ts";
import { renew } from "./push.ts";
import { aboutWhom, happened } from "./words.ts";

/** More at once become one. */
const AT_ONCE = 3;

/** Has the desktop show what I am told while I look elsewhere. Several tabs and what is pushed show it once: what has the same tag replaces the other. */
export function Notifier() {
  const { i18n } = useLingui();
  const { client, desk } = useApp();
  const user = useMe()?.user.id;
  const changes = useNotificationChanges();
  const [, navigate] = useLocation();
  useEffect(() => {
    if (changes < 0) return;
    const news = desk.takeNews().filter(({ desktop }) => desktop);
    if (news.length === 0 || document.hasFocus() || !canAsk() || Notification.permission !== "granted") return;
    const show = (title: string, body: string, tag: string, to: string) => {
      const shown = note(title, body, tag);
      shown?.addEventListener("click", () => {
        window.focus();
        navigate(to);
        shown.close();
      });
    };
    if (news.length > AT_ONCE) {
      const title = plural(news.length, { one: "# notification", other: "# notifications" });
      show(title, aboutWhom(news[news.length - 1] as Told), "partyline", NOTIFICATIONS_PATH);
      return;
    }
    for (const told of news) {
      const body = told.kind === "reply" ? (told.text ?? "") : [aboutWhom(told), told.text].filter(Boolean).join("\n");
      const to = placePath({ team: null, view: "all", conversation: told.conversation_id });
      show(i18n._(happened(told)), body, `partyline-${told.conversation_id}`, to);
    }
  }, [changes, desk, i18n, navigate]);
  useEffect(() => {
    if (!("serviceWorker" in navigator)) return;
    // Somebody has clicked on what was pushed (public/sw.js).
    const opened = ({ data, ports }: MessageEvent<unknown>) => {
      const path = typeof data === "object" && data !== null && "open" in data ? data.open : null;
      if (typeof path === "string" && /^\/(all\/conv_[0-9a-z]+(\?reply)?)?$/.test(path)) {
        navigate(path);
        ports[0]?.postMessage("opened");
      }
    };
    navigator.serviceWorker.addEventListener("message", opened);
    return () => navigator.serviceWorker.removeEventListener("message", opened);
  }, [navigate]);
  useEffect(() => {
    // A browser that refuses, in a private window for one, is used without.
    if (user !== undefined) renew(client, user).catch(() => undefined);
  }, [client, user, i18n.locale]);
  return null;
}

function note(title: string, body: string, tag: string): Notification | null {
  try {
    return new Notification(title, { body, tag, icon: "/favicon.svg" });
  } catch {
    // Some phones show notifications by a service worker alone.
    return null;
  }
}
