import { i18n } from "@lingui/core";
import { t } from "@lingui/core/macro";

/** Where the service worker finds its sentences (public/sw.js). */
const CACHE = "partyline-words";
const WORDS = "/worker-words";

/** Can this browser have a service worker here? Only over https, or on this machine. */
export function canWork(): boolean {
  return "serviceWorker" in navigator && "caches" in window && window.isSecureContext;
}

/** The worker that shows what is pushed and says when there is no connection, with its sentences in the language of now. */
export async function startWorker(): Promise<ServiceWorkerRegistration> {
  const who = "{who}";
  const words = {
    mention: t`${who} mentioned you`,
    mention_nobody: t`You were mentioned`,
    assigned: t`${who} assigned this to you`,
    assigned_nobody: t`This was assigned to you`,
    reply: t`${who} wrote`,
    reply_nobody: t`A customer wrote`,
    failed: t`Your message was not delivered`,
    unknown: t`Nobody knows whether your message arrived`,
    task: t`${who} gave you a task`,
    task_nobody: t`You were given a task`,
    task_due: t`Your task is due`,
    draft_review: t`${who} asks you to review a draft`,
    draft_review_nobody: t`A draft waits for your review`,
    other: t`Something happened`,
    act_reply: t`Reply`,
    act_close: t`Close`,
    not_closed: t`The conversation could not be closed`,
    not_closed_how: t`Open it to see why.`,
    offline: t`No connection`,
    offline_how: t`The server can’t be reached from here. What has come in is there when the connection is back.`,
    again: t`Try again`,
    locale: i18n.locale,
  };
  await (await caches.open(CACHE)).put(WORDS, Response.json(words));
  await navigator.serviceWorker.register("/sw.js", { scope: "/", updateViaCache: "none" });
  return navigator.serviceWorker.ready;
}
