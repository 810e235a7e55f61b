import { i18n } from "@lingui/core";
import { t } from "@lingui/core/macro";
import type { Client } from "@partyline/kit/api";

/** Where the service worker finds its sentences (public/sw.js). */
const CACHE = "partyline-push";
const WORDS = "/push-words";
/** Which subscription of the server's is this browser's. */
const KEY = "partyline.push";

/** Can this browser take push? Only over https, or on this machine. */
export function canPush(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && window.isSecureContext;
}

/** Does this browser take push? */
export async function isPushed(): Promise<boolean> {
  if (!canPush() || localStorage.getItem(KEY) === null) return false;
  const registration = await navigator.serviceWorker.getRegistration("/");
  return (await registration?.pushManager.getSubscription()) !== null && registration !== undefined;
}

/** The worker that shows what is pushed, with its sentences in the language of now. */
export async function startWorker(): Promise<ServiceWorkerRegistration> {
  const who = "{who}";
  const words = {
    mention: t`${who} mentioned you`,
    assigned: t`${who} assigned this to you`,
    reply: t`${who} wrote`,
    failed: t`Your message was not delivered`,
    unknown: t`Nobody knows whether your message arrived`,
    task: t`${who} gave you a task`,
    task_due: t`Your task is due`,
    draft_review: t`${who} asks you to review a draft`,
    other: t`Something happened`,
    somebody: t`Somebody`,
    act_reply: t`Reply`,
    act_close: t`Close`,
    locale: i18n.locale,
  };
  await (await caches.open(CACHE)).put(WORDS, Response.json(words));
  await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  return navigator.serviceWorker.ready;
}

/** Has the server push to this browser. Rejects when the browser or its push service refuses. */
export async function subscribe(client: Client): Promise<void> {
  const registration = await startWorker();
  const { data } = await client.get<{ key: string }>("/push/key");
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: data.key,
  });
  const { endpoint, keys } = subscription.toJSON();
  const { id } = await client.post<{ id: string }>("/push/subscriptions", { endpoint, keys });
  localStorage.setItem(KEY, id);
}

/** No more. */
export async function unsubscribe(client: Client): Promise<void> {
  const id = localStorage.getItem(KEY);
  localStorage.removeItem(KEY);
  const registration = await navigator.serviceWorker.getRegistration("/");
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  if (id !== null) await client.delete(`/push/subscriptions/${id}`).catch(() => undefined);
}
