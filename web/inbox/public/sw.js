// Shows what is pushed while nobody looks at the app, and says so when there is no connection. It keeps nothing of the app: pages and
// what they need are fetched as ever, so that nothing old is shown as new.
"use strict";

/** Where the app leaves its sentences, in the language that was chosen (src/features/notifications/worker.ts). */
const WORDS = "/worker-words";
const CACHE = "partyline-words";
/** How long a page may take to answer; a browser lets a window be opened for some seconds after the press. */
const ANSWERS_WITHIN_MS = 1_000;
/** Only ids of ours go into an address. */
const CONVERSATION = /^conv_[0-9a-z]{26}$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function words() {
  const kept = await (await caches.open(CACHE)).match(WORDS);
  return kept === undefined ? {} : kept.json();
}

// ---------------------------------------------------------------- without a connection

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode !== "navigate" || new URL(request.url).pathname.startsWith("/api/")) return;
  event.respondWith(fetch(request).catch(notConnected));
});

async function notConnected() {
  const all = await words().catch(() => ({}));
  const text = (name, otherwise) => (all[name] ?? otherwise).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const page = `<!doctype html>
<html lang="${text("locale", "en")}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<title>Partyline</title>
<style>
:root { color-scheme: light dark; --bg: #f6f7f9; --text: #17191e; --quiet: #565d6b; --accent: #3b55d9; --on: #fff }
@media (prefers-color-scheme: dark) { :root { --bg: #0f1114; --text: #e8eaee; --quiet: #a2a9b6; --accent: #8ea2ff; --on: #0f1114 } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--bg); color: var(--text); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 26rem; padding: 1.5rem; text-align: center }
svg { width: 3rem; height: 3rem }
h1 { font-size: 1.25rem; margin: 1rem 0 .5rem }
p { color: var(--quiet); margin: 0 0 1.5rem }
a { display: inline-block; padding: .5rem 1rem; border-radius: .5rem; background: var(--accent); color: var(--on); text-decoration: none; font-weight: 600 }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
</style>
</head>
<body><main>
<svg viewBox="0 0 16 16" aria-hidden="true"><rect width="16" height="16" rx="4" fill="#3b55d9"/><path d="M5.5 16V4.5H9a3.25 3.25 0 0 1 0 6.5M0 11h16" fill="none" stroke="#fff" stroke-width="1.75"/><circle cx="8.9" cy="7.75" r="1.4" fill="#ffc64d"/></svg>
<h1>${text("offline", "No connection")}</h1>
<p>${text("offline_how", "The server can’t be reached from here. What has come in is there when the connection is back.")}</p>
<a href="">${text("again", "Try again")}</a>
</main></body>
</html>`;
  const headers = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
  };
  return new Response(page, { status: 503, headers });
}

// ---------------------------------------------------------------- what is pushed

function sentence(all, told) {
  const kind = told.event === "task.due" ? "task_due" : told.event === "message.unknown" ? "unknown" : told.kind;
  const who = told.kind === "reply" ? told.contact : told.actor;
  const template = (who ? all[kind] : (all[`${kind}_nobody`] ?? all[kind])) ?? all.other ?? "Partyline";
  return template.replace("{who}", () => who ?? "");
}

self.addEventListener("push", (event) => {
  event.waitUntil(show(event.data));
});

async function show(data) {
  let told = {};
  try {
    told = data?.json() ?? {};
  } catch {
    // Something is shown all the same: a browser that is pushed to and shows nothing loses its permission.
  }
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  // Whoever looks at the app is told there.
  if (windows.some((client) => client.focused)) return;
  const all = await words().catch(() => ({}));
  const conversation = CONVERSATION.test(told.conversation_id ?? "") ? told.conversation_id : null;
  const acts = conversation === null ? [] : ["reply", "close"];
  await self.registration.showNotification(sentence(all, told), {
    body: [told.kind === "reply" ? null : told.contact, told.text].filter(Boolean).join("\n"),
    // what is newer about a conversation takes the place of what was older
    tag: `partyline-${conversation ?? "other"}`,
    renotify: true,
    icon: "/icon-192.png",
    badge: "/badge.png",
    timestamp: Date.now(),
    data: { conversation },
    actions: acts.map((action) => ({ action, title: all[`act_${action}`] ?? action })),
  });
}

// ---------------------------------------------------------------- what is done with it

self.addEventListener("notificationclick", (event) => {
  const { conversation = null } = event.notification.data ?? {};
  event.notification.close();
  event.waitUntil(event.action === "close" && conversation !== null ? close(conversation) : open(conversation, event.action));
});

async function close(conversation) {
  const answer = await fetch(`/api/v1/conversations/${conversation}`, {
    method: "PATCH",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-Partyline-CSRF": "1" },
    body: JSON.stringify({ status: "closed" }),
  }).catch(() => null);
  if (answer?.ok) return;
  const all = await words().catch(() => ({}));
  await self.registration.showNotification(all.not_closed ?? "It could not be closed", {
    body: all.not_closed_how ?? "",
    tag: `partyline-${conversation}`,
    icon: "/icon-192.png",
    badge: "/badge.png",
    data: { conversation },
  });
}

async function open(conversation, action) {
  const path = conversation === null ? "/" : `/all/${conversation}${action === "reply" ? "?reply" : ""}`;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const client = windows.find((one) => one.focused) ?? windows[0];
  if (client === undefined) return self.clients.openWindow(path);
  const opened = asked(client, path);
  const focused = client.focus().catch(() => client);
  // A page that is still loading, or where nobody is signed in, goes there anew.
  if (!(await opened)) await client.navigate(path).catch(() => self.clients.openWindow(path));
  return focused;
}

/** Asks a page to go there by itself. `false`: it did not answer. */
function asked(client, path) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => resolve(true));
    port1.start();
    setTimeout(() => resolve(false), ANSWERS_WITHIN_MS);
    client.postMessage({ open: path }, [port2]);
  });
}
