import { createECDH } from "node:crypto";
import type { BrowserContext, Page, Worker } from "@playwright/test";
import { expectNoAxe } from "../fixtures/axe.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { ANA } from "../fixtures/people.ts";
import { replyBox } from "../fixtures/screen.ts";

const inbox = demoForThisFile();

type Shown = { title: string; body: string };
type Client = {
  focused: boolean;
  focus: () => Promise<Client>;
  navigate: (path: string) => Promise<Client>;
  postMessage: (message: unknown, transfer: Transferable[]) => void;
};
type Click = Event & { waitUntil: (promise: Promise<unknown>) => void };
/** What a service worker has, as far as it is used here. */
type Scope = EventTarget & {
  registration: ServiceWorkerRegistration;
  clients: { matchAll: (options: object) => Promise<Client[]> };
  NotificationEvent: new (type: string, init: { notification?: Notification; action: string }) => Click;
};

/** The width and height that a PNG says it has. */
function sizeOf(png: Buffer): string {
  return `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`;
}

/** No push service can be reached from here, so the browser gives the subscription that one would. */
async function withPushService(page: Page): Promise<void> {
  const key = createECDH("prime256v1").generateKeys().toString("base64url");
  await page.context().grantPermissions(["notifications"], { origin: inbox().url });
  await page.addInitScript((p256dh) => {
    let held: object | null = null;
    const made = () => ({
      toJSON: () => ({ endpoint: "https://push.example.net/of-a-test", keys: { p256dh, auth: "BTBZMqHH6r4Tts7J_aSIgg" } }),
      unsubscribe: async () => {
        held = null;
        return true;
      },
    });
    Object.assign(PushManager.prototype, {
      subscribe: async () => (held = made()),
      getSubscription: async () => held,
    });
  }, key);
  await page.reload();
}

async function workerOf(context: BrowserContext): Promise<Worker> {
  return context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
}

/** Hands it to the worker, as the browser does with what its push service brings. */
async function push(page: Page, told: object): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  const registration = new Promise<string>((resolve) => {
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const [first] = registrations;
      if (first) resolve(first.registrationId);
    });
  });
  await cdp.send("ServiceWorker.enable");
  await cdp.send("ServiceWorker.deliverPushMessage", {
    origin: inbox().url,
    registrationId: await registration,
    data: JSON.stringify(told),
  });
  await cdp.detach();
}

async function shown(worker: Worker): Promise<Shown[]> {
  return worker.evaluate(async () => {
    const all = await (self as unknown as Scope).registration.getNotifications();
    return all.map(({ title, body }) => ({ title, body }));
  });
}

/** A press on what is shown, or on one of its actions. */
async function press(worker: Worker, action: string): Promise<void> {
  await worker.evaluate(async (chosen) => {
    const scope = self as unknown as Scope;
    const [notification] = await scope.registration.getNotifications();
    if (notification === undefined) throw new Error("Nothing is shown.");
    const event = new scope.NotificationEvent("notificationclick", { notification, action: chosen });
    let done: Promise<unknown> = Promise.resolve();
    event.waitUntil = (promise) => {
      done = promise;
    };
    scope.dispatchEvent(event);
    // a window comes to the front only on a press of a person's own
    await done.catch(() => undefined);
  }, action);
}

test("it is an app that can be installed", async ({ openAs }) => {
  const ana = await openAs(inbox(), ANA, "/all");
  const answer = await ana.request.get(`${inbox().url}/manifest.webmanifest`);
  expect(answer.headers()["content-type"]).toContain("manifest+json");
  const manifest = await answer.json();
  expect(manifest).toMatchObject({ start_url: "/", scope: "/", display: "standalone" });
  const icons = (manifest.icons as { src: string; sizes: string; type: string; purpose: string }[]).filter(
    ({ type }) => type === "image/png",
  );
  expect(icons.map(({ sizes, purpose }) => `${sizes} ${purpose}`).sort()).toEqual(
    ["192x192 any", "192x192 maskable", "512x512 any", "512x512 maskable"],
  );
  for (const icon of icons) {
    expect(sizeOf(await (await ana.request.get(inbox().url + icon.src)).body()), icon.src).toBe(icon.sizes);
  }
  const worker = await ana.request.get(`${inbox().url}/sw.js`);
  expect(worker.headers()["cache-control"]).toBe("no-cache");
  const cdp = await ana.context().newCDPSession(ana);
  const { errors } = await cdp.send("Page.getAppManifest");
  expect(errors).toEqual([]);
});

test("what is pushed is shown, opened, answered and closed", async ({ openAs, watch }) => {
  test.setTimeout(120_000);
  const ana = await openAs(inbox(), ANA, "/settings/notifications");
  await withPushService(ana);
  const worker = await workerOf(ana.context());

  await test.step("this browser takes push, and stops", async () => {
    await ana.getByRole("button", { name: "Push to this browser" }).click();
    await expect(ana.getByText("This browser is told while the app is closed")).toBeVisible();
    await expectNoAxe(ana, "push settings");
    await ana.getByRole("button", { name: "Stop" }).click();
    await expect(ana.getByText("This browser is not told while the app is closed")).toBeVisible();
  });

  await ana.goto(`${inbox().url}/all`);
  const reloads: string[] = [];
  await expect(ana.getByRole("button", { name: /^Notifications/ })).toBeVisible();
  await ana.waitForLoadState("networkidle");
  ana.on("load", () => reloads.push(ana.url()));
  const list = await ana.request.get(`${inbox().url}/api/v1/conversations?view=all`);
  const conversation: string = (await list.json()).data[0].id;
  const told = { seq: 1, kind: "mention", event: "note.created", actor: "Sam", contact: "Malik", conversation_id: conversation };
  // nobody looks at the app
  await worker.evaluate(() => {
    const { clients } = self as unknown as Scope;
    const all = clients.matchAll.bind(clients);
    const unfocused = (one: Client): Client => ({
      focused: false,
      focus: async () => one,
      navigate: (path) => one.navigate(path),
      postMessage: (message, transfer) => one.postMessage(message, transfer),
    });
    clients.matchAll = async (options) => (await all(options)).map(unfocused);
  });

  await test.step("Reply opens it with the cursor in the composer", async () => {
    await push(ana, told);
    await expect.poll(() => shown(worker)).toMatchObject([{ title: "Sam mentioned you", body: "Malik" }]);
    await push(ana, { ...told, seq: 2, kind: "assigned" });
    await expect.poll(() => shown(worker)).toMatchObject([{ title: "Sam assigned this to you" }]);
    await press(worker, "reply");
    await expect(ana).toHaveURL(`${inbox().url}/all/${conversation}`);
    await expect(replyBox(ana)).toBeFocused();
    expect(await shown(worker)).toEqual([]);
    expect(reloads, "the page goes there by itself").toEqual([]);
  });

  await test.step("Close closes it, and says so where it could not", async () => {
    await push(ana, told);
    await expect.poll(() => shown(worker)).toHaveLength(1);
    await press(worker, "close");
    const now = async () =>
      (await (await ana.request.get(`${inbox().url}/api/v1/conversations/${conversation}`)).json()).status;
    expect(await now()).toBe("closed");
    expect(await shown(worker)).toEqual([]);
    await push(ana, { ...told, conversation_id: "conv_01h455vb4pex5vsknk084sn02q" });
    await expect.poll(() => shown(worker)).toHaveLength(1);
    watch.expect(/404/);
    await press(worker, "close");
    await expect.poll(() => shown(worker)).toMatchObject([{ title: "The conversation could not be closed" }]);
  });
});

test("without a connection the app says so, and shows nothing old", async ({ openAs, watch }) => {
  const ana = await openAs(inbox(), ANA, "/all");
  await workerOf(ana.context());
  await ana.waitForFunction(() => navigator.serviceWorker.controller !== null);
  watch.expect(/ERR_INTERNET_DISCONNECTED|status of 503|WebSocket/);
  await ana.context().setOffline(true);
  await ana.reload();
  await expect(ana.getByRole("heading", { name: "No connection" })).toBeVisible();
  await expectNoAxe(ana, "no connection");
  await ana.context().setOffline(false);
  await ana.getByRole("link", { name: "Try again" }).click();
  await expect(ana.getByRole("navigation").first()).toBeVisible();
});
