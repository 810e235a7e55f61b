import { expectNoAxe } from "../fixtures/axe.ts";
import { Api } from "../fixtures/api.ts";
import { WEST_LINE, WREN } from "../fixtures/carrier.ts";
import { startEmpty } from "../fixtures/inbox.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { Line } from "../fixtures/line.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { conversation, entry, noteBox, open, replyBox, rows, thread } from "../fixtures/screen.ts";
import { fillAccount, fillSetup, goOn } from "../fixtures/wizard.ts";

const inbox = demoForThisFile();
const BUSY = "Leocadia Santos";
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };

test("the mailbox has no barriers", async ({ openAs }) => {
  test.setTimeout(120_000);
  const page = await openAs(inbox(), SAM, "/all");
  await expect(rows(page).first()).toBeVisible();
  await expectNoAxe(page, "list");

  await open(page, BUSY);
  await expect(thread(page).getByRole("group", { name: "Not delivered" })).toBeVisible();
  await expectNoAxe(page, "thread with a failed send");

  await replyBox(page).fill("We’ll be there at two; please keep the closet free — thank you.");
  await expect(page.getByRole("button", { name: /^Replace/ })).toBeVisible();
  await expectNoAxe(page, "composer with costly characters");

  await replyBox(page).press("Escape");
  await page.keyboard.press("m");
  await noteBox(page).fill("Ask @A");
  await noteBox(page).press("End");
  await expectNoAxe(page, "note");
  await noteBox(page).fill("");

  await page.keyboard.press("Escape");
  await page.keyboard.press("x");
  await page.keyboard.press("Shift+J");
  await expect(page.getByRole("group", { name: "2 selected" })).toBeVisible();
  await expectNoAxe(page, "several chosen");
  await page.keyboard.press("Escape");

  await page.goto(`${inbox().url}/mine`);
  await expect(page.getByText("Nothing is assigned to you.")).toBeVisible();
  await expectNoAxe(page, "empty view");
});

test("what opens above the mailbox has no barriers", async ({ openAs }) => {
  test.setTimeout(120_000);
  const page = await openAs(inbox(), SAM, "/all");
  await open(page, BUSY);
  for (const [keys, name] of [
    ["Control+k", "Search or jump"],
    ["?", "Keyboard shortcuts"],
    ["c", "New conversation"],
  ] as const) {
    await page.keyboard.press(keys);
    await expect(page.getByRole("dialog", { name })).toBeVisible();
    await expectNoAxe(page, name);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
  }
  await page.keyboard.press("a");
  await expect(page.getByRole("menu")).toBeVisible();
  await expectNoAxe(page, "assign menu");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Sam Park" }).click();
  await expect(page.getByRole("menuitem", { name: "Sign out" })).toBeVisible();
  await expectNoAxe(page, "own menu");
});

test("the question of a stale reply, and a refused one, have no barriers", async ({ openAs, watch }) => {
  watch.expect(/status of 409 .*\/(messages|conversations)$/);
  const line = await Line.to(inbox().url);
  const sam = await openAs(line, SAM, "/all");
  await inbox().carrier.text(WREN, WEST_LINE, "Could somebody let the plumber in?");
  await open(sam, "Could somebody let the plumber in?");
  const api = new Api(await openAs(inbox(), ANA, "/all"));
  line.holdLive();
  await api.reply((await api.conversationWith(WREN)).id, "I let him in at nine.");
  await replyBox(sam).fill("I can let him in at nine.");
  await replyBox(sam).press("Control+Enter");
  await expect(sam.getByRole("dialog", { name: /replied/ })).toBeVisible();
  await expectNoAxe(sam, "stale reply");
  await sam.keyboard.press("Escape");
  line.releaseLive();

  await inbox().carrier.text(WREN, WEST_LINE, "STOP");
  await expect(conversation(sam).getByText("They opted out of texts.")).toBeVisible();
  await expectNoAxe(sam, "opted out");

  await sam.keyboard.press("Escape");
  await sam.keyboard.press("c");
  const dialog = sam.getByRole("dialog", { name: "New conversation" });
  await dialog.getByLabel("To").fill("+1 415 555 0191");
  await dialog.getByLabel("Message").fill("Hello");
  await dialog.getByRole("button", { name: "Send" }).click();
  await expect(dialog.getByText("They have never written to you")).toBeVisible();
  await expectNoAxe(sam, "first contact");
  await line.close();
});

test("the settings have no barriers", async ({ openAs }) => {
  test.setTimeout(120_000);
  const page = await openAs(inbox(), SAM, "/settings/general");
  const look = async (path: string, screen: string) => {
    await page.goto(inbox().url + path);
    await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
    await expect(page.getByRole("status", { name: /Loading/ })).toHaveCount(0);
    await expectNoAxe(page, screen);
  };
  const api = new Api(page);
  const [channel] = (await api.get<{ data: { id: string; connection_id: string }[] }>("/channels")).data;
  const [user] = (await api.get<{ data: { id: string }[] }>("/users")).data;
  const [team] = (await api.get<{ data: { id: string }[] }>("/teams")).data;
  await look("/settings/general", "general");
  await look("/settings/channels", "channels");
  await look(`/settings/channels/${channel?.id}`, "channel");
  await look(`/settings/connections/${channel?.connection_id}`, "connection");
  await look("/settings/held", "held messages");
  await look("/settings/people", "people");
  await look(`/settings/people/${user?.id}`, "person");
  await look("/settings/people/new", "new person");
  await look("/settings/teams", "teams");
  await look(`/settings/teams/${team?.id}`, "team");
  await look("/settings/labels", "labels");
  await look("/settings/labels/new", "new label");
  await look("/settings/profile", "profile");
  await look("/settings/keyboard", "keyboard");
});

test("set-up and the channel wizard have no barriers", async ({ page, watch }) => {
  test.setTimeout(120_000);
  watch.expect(/status of 422 .*\/connections\/verify$/);
  const empty = await startEmpty();
  try {
    await page.goto(empty.url);
    await page.getByRole("button", { name: /Make the workspace/ }).click();
    await expect(page.getByLabel("Business name")).toHaveAccessibleDescription(/what your business is called/);
    await expectNoAxe(page, "set-up with faults");
    await fillSetup(page);
    await expectNoAxe(page, "set-up");
    await page.getByRole("button", { name: /Make the workspace/ }).click();
    await expect(page).toHaveURL(/\/kind$/);
    await expectNoAxe(page, "wizard, kind");
    await goOn(page, /Go on/, "provider");
    await expectNoAxe(page, "wizard, provider");
    await goOn(page, /Go on/, "connect");
    await fillAccount(page, empty);
    await expectNoAxe(page, "wizard, connect");
    await goOn(page, /Check with/, "numbers");
    await page.getByRole("checkbox").first().check();
    await expectNoAxe(page, "wizard, numbers");
    await goOn(page, /^Connect/, "route");
    await expect(page.getByText("connected", { exact: true })).toBeVisible();
    await expectNoAxe(page, "wizard, route");
    await goOn(page, /Go on to the test/, "test");
    await expectNoAxe(page, "wizard, test");
    await page.goto(`${empty.url}/all`);
    await expect(page.getByText("The line is quiet")).toBeVisible();
    await expectNoAxe(page, "an inbox without texts");
  } finally {
    await empty.close();
  }
});

test("the sign-in page and the phones have no barriers", async ({ page, watch }) => {
  watch.expect(/status of 401 .*\/session$/);
  await page.goto(inbox().url);
  await expect(page.getByRole("heading", { name: "Harbor & Pine" })).toBeVisible();
  await expectNoAxe(page, "sign-in");
  await page.getByLabel("Email").fill("nobody@harborpine.example");
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toBeVisible();
  await expectNoAxe(page, "sign-in refused");
  await page.goto(inbox().carrier.url);
  await expect(page.getByRole("region", { name: /Maya/ })).toBeVisible();
  await expectNoAxe(page, "phones");
});

test("on a phone the mailbox has no barriers", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all", PHONE);
  await expect(rows(page).first()).toBeVisible();
  await expectNoAxe(page, "list on a phone");
  await open(page, BUSY);
  await expect(entry(page, "It’s still dripping")).toBeVisible();
  await expectNoAxe(page, "thread on a phone");
});
