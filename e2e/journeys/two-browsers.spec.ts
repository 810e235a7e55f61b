import type { Page } from "@playwright/test";
import { MAYA, WEST_LINE } from "../fixtures/carrier.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { Line } from "../fixtures/line.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { conversation, count, entry, open, replyBox, row, send, thread } from "../fixtures/screen.ts";

const inbox = demoForThisFile();
/** Open, unassigned and unread in the demo. */
const MALIK = "Malik Johnson";
const NOOR = "Noor Aziz";
/** Who closes the laptop is gone within ten seconds (ui.md), and a busy machine paints a little later. */
const GONE_WITHIN = 15_000;

test("what one does to a conversation is on the other's screen without reload", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/unassigned");
  const ana = await openAs(inbox(), ANA, "/unassigned");
  await expect(row(ana, MALIK)).toBeVisible();
  const before = Number(await count(ana, "Unassigned"));

  await test.step("taking it empties the other's list of what has no owner, and moves the counts", async () => {
    await open(sam, MALIK);
    await sam.keyboard.press("i");
    await expect(row(ana, MALIK)).toBeHidden();
    await expect.poll(() => count(ana, "Unassigned")).toBe(String(before - 1));
    await expect.poll(() => count(sam, "Mine")).toBe("1");
  });

  await ana.goto(`${inbox().url}/all`);
  await open(ana, MALIK);
  await expect(conversation(ana).getByRole("button", { name: /Assigned to Sam Park/ })).toBeVisible();

  await test.step("the thread tells who did what", async () => {
    await expect(thread(ana).getByText("Sam Park took it")).toBeVisible();
    await sam.keyboard.press("e");
    await expect(thread(ana).getByText("Sam Park closed it")).toBeVisible();
    await expect(row(ana, MALIK)).toBeHidden();
    await expect(conversation(ana).getByRole("button", { name: "Reopen" })).toBeVisible();
  });

  await test.step("reopening brings it back into both lists", async () => {
    await conversation(ana).getByRole("button", { name: "Reopen" }).click();
    await expect(row(ana, MALIK)).toBeVisible();
    await sam.goto(`${inbox().url}/mine`);
    await expect(row(sam, MALIK)).toBeVisible();
  });
});

test("read is each person's own, and is the same in all of their browsers", async ({ openAs }) => {
  const desk = await openAs(inbox(), SAM, "/all");
  const phone = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/all");
  for (const page of [desk, phone, ana]) await expect(row(page, NOOR)).toContainText("unread");

  await open(desk, NOOR);
  await expect(row(phone, NOOR)).not.toContainText("unread");
  await expect(row(ana, NOOR)).toContainText("unread");

  await desk.keyboard.press("u");
  await expect(row(phone, NOOR)).toContainText("unread");
});

test("a text that arrives is on both screens, and a reply too", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/unassigned");
  const ana = await openAs(inbox(), ANA, "/unassigned");
  await inbox().carrier.text(MAYA, WEST_LINE, "Is the roof deck open tonight?");
  await expect(row(sam, "Is the roof deck open tonight?")).toBeVisible();
  await open(ana, "Is the roof deck open tonight?");
  await open(sam, "Is the roof deck open tonight?");
  await send(sam, "Until ten, yes.");
  await expect(entry(ana, "Until ten, yes.")).toContainText("delivered", { timeout: 20_000 });
  await expect(entry(ana, "Until ten, yes.")).toHaveCount(1);
  expect(await inbox().carrier.shownOn(MAYA)).toContain("Until ten, yes.");
});

test("who reads and who writes is seen, and is gone when they are", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/all");
  await open(sam, "Olu Bankole");
  await open(ana, "Olu Bankole");
  await expect(conversation(sam).getByText("Ana is viewing")).toBeVisible();

  // Looked for while she writes: it goes away five seconds after a key.
  await Promise.all([
    expect(conversation(sam).getByText("Ana is writing a reply")).toBeVisible(),
    replyBox(ana).pressSequentially("I have a spare fob"),
  ]);

  await open(ana, "Rafael Mendes");
  await expect(conversation(sam).getByText(/^Ana is/)).toBeHidden();
  await ana.context().close();
  const traces = row(sam, "Rafael Mendes").getByRole("img", { name: "Ana Ruiz" });
  await expect(traces).toHaveCount(0, { timeout: GONE_WITHIN });
});

test("two answers at once: one of them is asked, can be edited, and goes out only on a person's word", async ({
  openAs,
  watch,
}) => {
  watch.expect(/status of 409 .*\/messages$/);
  const line = await Line.to(inbox().url);
  const sam = await openAs(line, SAM, "/all");
  const ana = await openAs(line, ANA, "/all");
  for (const page of [sam, ana]) {
    await open(page, "Tobias Richter");
    await replyBox(page).fill(`Please use the stairs. ${page === sam ? "Sam" : "Ana"} is on it.`);
  }
  // Both press Send before either screen can have heard of the other's answer.
  line.holdLive();
  const press = (page: Page) => page.getByRole("button", { name: "Send", exact: true }).click();
  await Promise.all([press(sam), press(ana)]);
  const asked = (page: Page) => page.getByRole("dialog", { name: /replied/ });
  await expect.poll(async () => (await asked(sam).count()) + (await asked(ana).count())).toBe(1);
  const [late, theirs, own] = (await asked(sam).count()) === 1 ? [sam, "Ana", "Sam"] : [ana, "Sam", "Ana"];
  const dialog = asked(late);

  await test.step("both texts stand side by side, with what they share marked", async () => {
    await expect(dialog).toHaveAccessibleName(new RegExp(`^${theirs} replied`));
    await expect(dialog).toContainText(`Please use the stairs. ${theirs} is on it.`);
    await expect(dialog).toContainText(`Please use the stairs. ${own} is on it.`);
    await expect(dialog.locator("mark").first()).toContainText("Please use the stairs");
    await expect(dialog.getByRole("button", { name: /Edit my reply/ })).toBeFocused();
  });

  await test.step("Enter edits: the text is still there, and nothing of it has gone out", async () => {
    await late.keyboard.press("Enter");
    await expect(dialog).toBeHidden();
    await expect(replyBox(late)).toBeFocused();
    await expect(replyBox(late)).toHaveValue(`Please use the stairs. ${own} is on it.`);
  });

  await test.step("what is sent again unseen is asked again; with a person's word it goes out", async () => {
    await replyBox(late).fill(`${own} comes too.`);
    await late.keyboard.press("Control+Enter");
    await expect(dialog).toBeVisible();
    await dialog.getByRole("button", { name: /Send anyway/ }).click();
    await expect(dialog).toBeHidden();
    line.releaseLive();
    for (const page of [sam, ana]) {
      await expect(entry(page, `${own} comes too.`)).toHaveCount(1);
      await expect(entry(page, `${theirs} is on it.`)).toHaveCount(1);
      await expect(entry(page, `${own} is on it.`)).toHaveCount(0);
    }
  });
  // A page that outlives its line tries to connect again.
  for (const page of [sam, ana]) await page.close();
  await line.close();
});
