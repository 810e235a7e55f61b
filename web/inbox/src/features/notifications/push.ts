import type { Client, Id } from "@partyline/kit/api";
import { canWork, startWorker } from "./worker.ts";

/** Whose push this browser takes, and what the server calls it: "user_… name". */
const KEY = "partyline.push";

/** Why this browser can't take push, if it can't. `install`: on an iPhone or iPad only once it is on the home screen. */
export type Push = "unable" | "install" | "denied" | "off" | "on";

function mine(user: Id): string | null {
  const [whose, name] = (localStorage.getItem(KEY) ?? "").split(" ");
  return whose === user ? (name ?? null) : null;
}

async function taken(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** What push is to this browser now. */
export async function pushState(user: Id): Promise<Push> {
  if (!canWork() || !("PushManager" in window) || !("Notification" in window)) {
    return needsInstall(navigator.userAgent, navigator.maxTouchPoints) ? "install" : "unable";
  }
  if (Notification.permission === "denied") return "denied";
  return mine(user) !== null && (await taken()) !== null ? "on" : "off";
}

/** An iPad says that it is a Mac, which has no touch. */
export function needsInstall(agent: string, touchPoints: number): boolean {
  return /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1);
}

async function tell(client: Client, user: Id, subscription: PushSubscription): Promise<void> {
  const { endpoint, keys } = subscription.toJSON();
  const { id } = await client.post<{ id: string }>("/push/subscriptions", { endpoint, keys });
  localStorage.setItem(KEY, `${user} ${id}`);
}

/** Has the server push to this browser, on somebody's act. Rejects when the browser or its push service refuses. */
export async function subscribe(client: Client, user: Id): Promise<void> {
  // First of all, while the browser still takes it for an answer to the press.
  if ((await Notification.requestPermission()) !== "granted") throw new Error("not granted");
  const registration = await startWorker();
  const { data } = await client.get<{ key: string }>("/push/key");
  // One of another key, or of somebody else, stands in the way.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  const asked = { userVisibleOnly: true, applicationServerKey: data.key };
  await tell(client, user, await registration.pushManager.subscribe(asked));
}

/** No more. */
export async function unsubscribe(client: Client, user: Id): Promise<void> {
  const name = mine(user);
  localStorage.removeItem(KEY);
  await (await taken())?.unsubscribe();
  if (name !== null) await client.delete(`/push/subscriptions/${name}`).catch(() => undefined);
}

/** After a start: the worker is the newest, and the server has the subscription under the session of now. Who signs in after somebody else takes none of theirs over. */
export async function renew(client: Client, user: Id): Promise<void> {
  if (!canWork()) return;
  await startWorker();
  if (mine(user) === null) return;
  const subscription = await taken();
  if (subscription === null) localStorage.removeItem(KEY);
  else await tell(client, user, subscription);
}
