// Takes docs/screenshots/<name>-<theme>-<width>.png from a demo and an empty server of its own. `npm run screenshots`.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import UPNG from "upng-js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const FOLDER = join(ROOT, "docs/screenshots");
/** Bytes of the whole folder: it is cloned with the code. */
const MOST_BYTES = 6_000_000;
/** A palette of so many colours; the eye sees no difference, and a picture is a third of the size. */
const COLOURS = 256;
const THEMES = ["light", "dark"];
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
/** On phones pages are pictured at the density that phones have, as far as the folder's size allows. */
const PHONE_DENSITY = 1.5;

const SAM = { email: "sam@harborpine.example", password: "one shared number" };
const ANA = { email: "ana@harborpine.example", password: "one shared number" };
const BUSY = "Leocadia Santos";
const ACCOUNT = { sid: "AC5f3e1c7a9b2d4086a1c3e5f708192a3b", token: "7d1f4b8e2a6c90537e4d8b1fa2c6e093" };
const COSTLY = "We’re sending Delgado Plumbing between 2 and 4, and they’ll call first.";

const only = process.argv.slice(2);
const started = [];
const folders = [];

/** Starts a program of ours and answers the first group of the first line that fits. */
async function start(program, args, patterns) {
  const child = spawn(join(ROOT, "target/debug", program), args, { stdio: ["ignore", "pipe", "inherit"] });
  started.push(child);
  const found = patterns.map(() => null);
  let said = "";
  await new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`${program} ended: ${said}`)));
    child.stdout.setEncoding("utf8").on("data", (text) => {
      said += text;
      patterns.forEach((pattern, index) => (found[index] ??= pattern.exec(said)?.[1] ?? null));
      if (!found.includes(null)) resolve();
    });
  });
  return found;
}

async function dataFolder() {
  const folder = await mkdtemp(join(tmpdir(), "partyline-pictures-"));
  folders.push(folder);
  return folder;
}

async function ready(url) {
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await fetch(`${url}/readyz`).catch(() => null))?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url} is not ready`);
}

const ANY = "127.0.0.1:0";
const [demo, phones] = await start(
  "partyline",
  ["demo", "--listen", ANY, "--carrier-listen", ANY, "--data-dir", await dataFolder()],
  [/Inbox\s+(http:\S+)\//, /Phones\s+(http:\S+)\//],
);
await ready(demo);

const executablePath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path && existsSync(path),
);
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});

/** A browser in one theme and size, signed in where somebody is given. */
async function open(url, { theme, size, person }) {
  const phone = size.width < 768;
  const context = await browser.newContext({
    viewport: size,
    deviceScaleFactor: phone ? PHONE_DENSITY : 1,
    hasTouch: phone,
    colorScheme: theme,
    locale: "en-US",
    timezoneId: "America/Los_Angeles",
    reducedMotion: "reduce",
  });
  if (person) {
    const answer = await context.request.post(`${url}/api/v1/session`, { data: person });
    if (!answer.ok()) throw new Error(`signing in: ${answer.status()}`);
  }
  return context.newPage();
}

const row = (page, name) =>
  page.getByRole("listbox", { name: "Conversations" }).getByRole("option").filter({ hasText: name }).first();
const reply = (page) => page.getByRole("textbox", { name: /^Reply to/ });
const thread = (page) => page.getByRole("log", { name: "Messages" });

async function mailbox({ page, url }, path = "/all") {
  await page.goto(url + path);
  await page.getByRole("main").waitFor();
}

async function openBusy(at) {
  await mailbox(at);
  await row(at.page, BUSY).click();
  await thread(at.page).getByText("Is someone coming today?").waitFor();
  await at.page.mouse.move(700, 5);
}

/** Each picture: where it is taken, and how the page gets there. */
const PICTURES = {
  inbox: async (at) => {
    if (at.size.width < 768) {
      await mailbox(at);
      await row(at.page, BUSY).waitFor();
    } else await openBusy(at);
  },
  thread: openBusy,
  composer: async (at) => {
    await openBusy(at);
    await reply(at.page).fill(COSTLY);
    await at.page.getByRole("button", { name: /^Replace/ }).waitFor();
  },
  note: async (at) => {
    await openBusy(at);
    await at.page.locator("button:has(.lucide-lock)").first().click();
    await at.page
      .getByRole("textbox", { name: "Note for the team" })
      .fill("Key is in lockbox 4417, @Ana Ruiz has the code");
  },
  palette: async (at) => {
    await openBusy(at);
    await at.page.keyboard.press("Control+k");
    await at.page.getByRole("dialog").waitFor();
    await at.page.getByRole("combobox").fill("assign");
  },
  "new-conversation": async (at) => {
    await mailbox(at);
    await row(at.page, BUSY).waitFor();
    await at.page.keyboard.press("c");
    await at.page.getByRole("dialog").waitFor();
  },
  empty: async (at) => {
    await mailbox(at, "/mine");
    await at.page.getByText("Nothing is assigned to you.").waitFor();
  },
  "stale-reply": async (at) => {
    await mailbox(at);
    await row(at.page, "Tobias Richter").click();
    await reply(at.page).fill("Please use the stairs, we send a technician at noon.");
    // The server's answer, taken once: sending for real would change the pictures that follow.
    await at.page.route("**/messages", (route) =>
      route.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify(at.stale) }),
    );
    await reply(at.page).press("Control+Enter");
    await at.page.getByRole("dialog").waitFor();
  },
  channels: async (at) => {
    await at.page.goto(`${at.url}/settings/channels`);
    await at.page.getByText("West line").first().waitFor();
  },
  people: async (at) => {
    await at.page.goto(`${at.url}/settings/people`);
    await at.page.getByText("Ana Ruiz").first().waitFor();
  },
  general: async (at) => {
    await at.page.goto(`${at.url}/settings/general`);
    await at.page.getByRole("heading", { level: 1 }).first().waitFor();
  },
};

/** Of messages that are held; taken last, so that no other picture has their count. */
const HELD = {
  held: async (at) => {
    await at.page.goto(`${at.url}/settings/held`);
    await at.page.getByRole("row").nth(1).waitFor();
  },
  "held-one": async (at) => {
    await at.page.goto(`${at.url}/settings/held`);
    await at.page.getByRole("row").nth(1).click();
    await at.page.getByText("What it brought").waitFor();
  },
};

/** The wizard, step by step; the account is the carrier's that stands alone, of which nothing is connected. */
const WIZARD = {
  "wizard-1-kind": async ({ page, url }) => {
    await page.goto(`${url}/settings/channels/new`);
    await page.getByRole("radio", { name: /Texts/ }).waitFor();
  },
  "wizard-2-provider": async ({ page }) => {
    await page.getByRole("button", { name: /Go on/ }).click();
    await page.getByRole("radio", { name: /Twilio/ }).waitFor();
  },
  "wizard-3-connect": async (at) => {
    const { page } = at;
    await page.getByRole("button", { name: /Go on/ }).click();
    await page.getByLabel("Account SID").fill(ACCOUNT.sid);
    await page.getByLabel("Auth token").first().fill(ACCOUNT.token);
    await page.getByText("Advanced", { exact: true }).click();
    await page.getByLabel("API address").fill(at.carrier);
  },
  "wizard-4-numbers": async ({ page }) => {
    await page.getByRole("button", { name: /Check with/ }).click();
    await page.getByRole("checkbox").first().check();
    await page.getByRole("checkbox").nth(1).check();
  },
  "wizard-5-route": async ({ page }) => {
    await page.getByRole("button", { name: /^Connect/ }).click();
    await page.getByText("connected", { exact: true }).nth(1).waitFor();
  },
  "wizard-6-test": async ({ page }) => {
    await page.getByRole("button", { name: /Go on to the test/ }).click();
    await page.getByText("Waiting for the first text…").waitFor();
  },
};

const wanted = (name) => only.length === 0 || only.some((word) => name.startsWith(word));

async function take(page, name, theme, size) {
  // Nothing under the pointer, and a form from its beginning.
  await page.mouse.move(0, 0);
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (const box of document.querySelectorAll("form, form *, :has(> form)")) box.scrollTop = 0;
  });
  const image = UPNG.decode(await page.screenshot({ animations: "disabled", caret: "hide" }));
  const small = UPNG.encode(UPNG.toRGBA8(image), image.width, image.height, COLOURS);
  await writeFile(join(FOLDER, `${name}-${theme}-${size.width}.png`), Buffer.from(small));
}

/** What the server answers Sam when Ana was faster. */
async function staleAnswer() {
  const as = async (person) => {
    const { request } = (await open(demo, { theme: "light", size: SIZES[0], person })).context();
    return async (method, path, data) =>
      (await request.fetch(`${demo}/api/v1${path}`, { method, data, headers: { "X-Partyline-CSRF": "1" } })).json();
  };
  const [ana, sam] = [await as(ANA), await as(SAM)];
  const { data } = await sam("GET", "/conversations?view=all&limit=200");
  const { id } = data.find(({ contact }) => contact.name === "Tobias Richter");
  const { data: before } = await sam("GET", `/conversations/${id}/entries`);
  await ana("POST", `/conversations/${id}/messages`, {
    text: "Please use the stairs. A technician is there at noon.",
    undo_seconds: 0,
  });
  const stale = await sam("POST", `/conversations/${id}/messages`, {
    text: "Please use the stairs",
    undo_seconds: 0,
    seen_entry_id: before[0].id,
  });
  if (stale.code !== "stale_reply") throw new Error(`expected a stale reply, got ${JSON.stringify(stale)}`);
  return stale;
}

/** Texts to a number that nobody has connected, and one thing that this version does not know: what admins find held. */
async function holdSome() {
  const { request } = (await open(demo, { theme: "light", size: SIZES[0], person: SAM })).context();
  const { data } = await (await request.fetch(`${demo}/api/v1/channels`)).json();
  const post = async (hook, said) => {
    const url = `${demo}/hooks/twilio/${data[0].connection_id}/${hook}`;
    const fields = { AccountSid: ACCOUNT.sid, ...said };
    const signed = Object.keys(fields)
      .sort()
      .reduce((all, name) => all + name + fields[name], url);
    const signature = createHmac("sha1", ACCOUNT.token).update(signed).digest("base64");
    const headers = { "X-Twilio-Signature": signature };
    const answer = await fetch(url, { method: "POST", headers, body: new URLSearchParams(fields) });
    if (!answer.ok) throw new Error(`the webhook was answered ${answer.status}`);
  };
  const texts = ["Is this the leasing office?", "We looked at 4B on Saturday and would like it", "Hello?"];
  for (const [n, Body] of texts.entries())
    await post("message", { Body, From: "+14155550171", To: "+14155550163", MessageSid: `SMfeed${String(n).padStart(28, "0")}` });
  await post("voice", { CallSid: `CA${"0".repeat(31)}1`, CallStatus: "completed", From: "+14155550171" });
}

await mkdir(FOLDER, { recursive: true });
try {
  const stale = wanted("stale-reply") ? await staleAnswer() : null;
  for (const theme of THEMES)
    for (const size of SIZES) {
      const page = await open(demo, { theme, size, person: SAM });
      for (const [name, go] of Object.entries(PICTURES)) {
        if (!wanted(name)) continue;
        await page.evaluate(() => localStorage.clear()).catch(() => undefined);
        await go({ page, url: demo, size, stale });
        await take(page, name, theme, size);
        await page.unrouteAll();
        await page.goto("about:blank");
      }
      await page.context().close();

      const outside = await open(demo, { theme, size });
      for (const [name, url, sign] of [
        ["sign-in", `${demo}/sign-in`, "Harbor & Pine"],
        ["phones", `${phones}/`, "Maya"],
      ]) {
        if (!wanted(name)) continue;
        await outside.goto(url);
        await outside.getByText(sign).first().waitFor();
        await take(outside, name, theme, size);
      }
      await outside.context().close();

      if (wanted("setup") || Object.keys(WIZARD).some(wanted)) {
        const [listening] = await start(
          "partyline",
          ["serve", "--listen", ANY, "--data-dir", await dataFolder()],
          [/Open (http:\/\/[^\s/]+)/],
        );
        await ready(listening);
        const [carrier] = await start("examples/carrier", ["--listen", ANY], [/phones: (http:\S+)\//]);
        const newcomer = await open(listening, { theme, size });
        await newcomer.goto(listening);
        await newcomer.getByLabel("Business name").fill("Harbor & Pine");
        await newcomer.getByLabel("Your name").fill("Robin Sandoval");
        await newcomer.getByLabel("Your email").fill("robin@harborpine.example");
        await newcomer.getByLabel("Password", { exact: true }).fill("a quiet harbour at dawn");
        if (wanted("setup")) await take(newcomer, "setup", theme, size);
        await newcomer.getByRole("button", { name: /Make the workspace/ }).click();
        await newcomer.waitForURL(/\/new\/kind$/);
        for (const [name, go] of Object.entries(WIZARD)) {
          await go({ page: newcomer, url: listening, carrier });
          if (wanted(name)) await take(newcomer, name, theme, size);
        }
        await newcomer.context().close();
      }
      console.log(`${theme}, ${size.width} px`);
    }
  if (Object.keys(HELD).some(wanted)) {
    await holdSome();
    for (const theme of THEMES)
      for (const size of SIZES) {
        const page = await open(demo, { theme, size, person: SAM });
        for (const [name, go] of Object.entries(HELD)) {
          if (!wanted(name)) continue;
          await go({ page, url: demo, size });
          await take(page, name, theme, size);
        }
        await page.context().close();
      }
  }
} finally {
  await browser.close();
  for (const child of started) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
}

const sizes = await Promise.all((await readdir(FOLDER)).map(async (file) => (await stat(join(FOLDER, file))).size));
const bytes = sizes.reduce((sum, size) => sum + size, 0);
console.log(`${sizes.length} pictures, ${(bytes / 1e6).toFixed(1)} MB in ${FOLDER}`);
if (bytes > MOST_BYTES) {
  console.error(`The folder is over ${MOST_BYTES / 1e6} MB.`);
  process.exit(1);
}
