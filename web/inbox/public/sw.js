// Shows what is pushed while the app is not open. It keeps nothing of the app: that is fetched as ever.
"use strict";

/** Where the app has left its sentences, in the language that was chosen. */
const WORDS = "/push-words";
const CACHE = "partyline-push";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function words() {
  const kept = await (await caches.open(CACHE)).match(WORDS);
  return kept === undefined ? {} : kept.json();
}

function sentence(all, told) {
  const kind = told.event === "task.due" ? "task_due" : told.event === "message.unknown" ? "unknown" : told.kind;
  const template = all[kind] ?? all.other ?? "Partyline";
  const who = told.kind === "reply" ? told.contact : told.actor;
  return template.replace("{who}", who ?? all.somebody ?? "").trim();
}

self.addEventListener("push", (event) => {
  let told;
  try {
    told = event.data.json();
  } catch {
    return;
  }
  event.waitUntil(
    (async () => {
      const all = await words();
      const windows = await self.clients.matchAll({ type: "window" });
      // Whoever looks at the app is told there.
      if (windows.some((client) => client.focused)) return;
      const body = [told.kind === "reply" ? null : told.contact, told.text].filter(Boolean).join("\n");
      const acts = told.kind === "reply" ? ["reply", "close"] : ["reply"];
      await self.registration.showNotification(sentence(all, told), {
        body,
        tag: `partyline-${told.seq}`,
        icon: "/favicon.svg",
        data: { conversation: told.conversation_id },
        actions: acts.map((action) => ({ action, title: all[`act_${action}`] ?? action })),
      });
    })(),
  );
});

async function close(conversation) {
  const answer = await fetch(`/api/v1/conversations/${conversation}`, {
    method: "PATCH",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-Partyline-CSRF": "1" },
    body: JSON.stringify({ status: "closed" }),
  });
  return answer.ok;
}

async function open(conversation) {
  const path = `/all/${conversation}`;
  const [client] = await self.clients.matchAll({ type: "window" });
  if (client === undefined) return self.clients.openWindow(path);
  await client.focus();
  client.postMessage({ open: path });
  return client;
}

self.addEventListener("notificationclick", (event) => {
  const { conversation } = event.notification.data ?? {};
  event.notification.close();
  // Only ids of ours go into an address.
  if (!/^conv_[0-9a-z]{26}$/.test(conversation ?? "")) return;
  event.waitUntil(
    (async () => {
      // What could not be closed is shown, so that it can be seen why.
      if (event.action === "close" && (await close(conversation).catch(() => false))) return;
      await open(conversation);
    })(),
  );
});
