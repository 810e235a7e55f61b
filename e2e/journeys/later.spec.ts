import type { Page } from "@playwright/test";
import { Api } from "../fixtures/api.ts";
import { expectNoAxe } from "../fixtures/axe.ts";
import { MAYA, WEST_LINE, WREN } from "../fixtures/carrier.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { conversation, count, entry, open, replyBox, row, thread } from "../fixtures/screen.ts";

const inbox = demoForThisFile();

function mailbox(page: Page, name: string) {
  return page.getByRole("navigation", { name: "Mailboxes" }).getByRole("link", { name: new RegExp(`^${name}`) });
}

/** The message that waits, with the ways to change it. */
function waiting(page: Page, text: string) {
  return entry(page, text).getByRole("group", { name: "Scheduled message" });
}

test("a message is planned by key, changed, and taken back when they write first", async ({ openAs }) => {
  await inbox().carrier.text(MAYA, WEST_LINE, "I will think about it");
  const sam = await openAs(inbox(), SAM, "/all");
  const name = (await new Api(sam).conversationWith(MAYA)).contact.name ?? MAYA;
  await open(sam, name);
  const text = "Have you thought about it?";

  await test.step("Alt+Enter offers the ways to send, and the switch keeps the menu open", async () => {
    await replyBox(sam).fill(text);
    await replyBox(sam).press("Alt+Enter");
    await expect(sam.getByRole("menuitem", { name: "Send", exact: true })).toBeFocused();
    const unless = sam.getByRole("menuitemcheckbox", { name: "Take it back if they write first" });
    await sam.keyboard.press("End");
    await expect(unless).toBeFocused();
    await sam.keyboard.press("Space");
    await expect(unless).toHaveAttribute("aria-checked", "true");
    await expectNoAxe(sam, "the send menu");
    await sam.getByRole("menuitem", { name: /Tomorrow morning/ }).click();
    await expect(replyBox(sam)).toHaveValue("");
    await expect(replyBox(sam)).toBeFocused();
  });

  await test.step("it says when it leaves, and is counted and listed under Scheduled", async () => {
    await expect(waiting(sam, text)).toContainText(/Leaves .*9:00.*, unless they write first/);
    await expect.poll(() => count(sam, "Scheduled")).toBe("1");
    await mailbox(sam, "Scheduled").click();
    await expect(sam).toHaveURL(/\/scheduled$/);
    const listed = sam.getByRole("region", { name: "Scheduled" }).getByRole("link", { name: text });
    await expect(listed).toContainText(`To ${name}`);
    await expectNoAxe(sam, "scheduled");
    await listed.click();
  });

  await test.step("another time: one that is offered, or any", async () => {
    await waiting(sam, text).getByRole("button", { name: "Another time" }).click();
    await sam.getByRole("menuitem", { name: "Choose a time…" }).click();
    const dialog = sam.getByRole("dialog", { name: "Send at another time" });
    await dialog.getByLabel("Day and time").fill("2020-01-01T10:00");
    await dialog.getByRole("button", { name: "Send then" }).click();
    await expect(dialog).toContainText("Choose a time that is still to come.");
    const inTwoDays = new Date(Date.now() + 2 * 86_400_000);
    const day = `${inTwoDays.getFullYear()}-${String(inTwoDays.getMonth() + 1).padStart(2, "0")}-${String(inTwoDays.getDate()).padStart(2, "0")}`;
    await dialog.getByLabel("Day and time").fill(`${day}T14:25`);
    await expectNoAxe(sam, "another time");
    await dialog.getByRole("button", { name: "Send then" }).click();
    await expect(dialog).toHaveCount(0);
    await expect(waiting(sam, text)).toContainText(/2:25/);
  });

  await test.step("they write first: it is taken back, and its author sees why and can use its text", async () => {
    await inbox().carrier.text(MAYA, WEST_LINE, "Yes, let us do it");
    await expect(thread(sam).getByText("Your planned message did not go out: they wrote first")).toBeVisible();
    await expect(thread(sam).getByText("A message that was planned was taken back: they wrote first")).toBeVisible();
    await expect(waiting(sam, text)).toHaveCount(0);
    await expect.poll(() => count(sam, "Scheduled")).toBe("");
    await thread(sam).getByRole("button", { name: "Use its text" }).click();
    await expect(replyBox(sam)).toHaveValue(text);
    await replyBox(sam).fill("");
  });
});

test("a planned message leaves at its time, now, or not at all", async ({ openAs }) => {
  await inbox().carrier.text(WREN, WEST_LINE, "When is it?");
  const ana = await openAs(inbox(), ANA, "/all");
  const api = new Api(ana);
  const { id, contact } = await api.conversationWith(WREN);
  await open(ana, contact.name ?? WREN);

  await test.step("at its time", async () => {
    await api.reply(id, "In three seconds", { send_at: new Date(Date.now() + 3_000).toISOString() });
    await expect(waiting(ana, "In three seconds")).toBeVisible();
    await expect.poll(() => inbox().carrier.shownOn(WREN, "In three seconds")).toHaveLength(1);
    await expect(waiting(ana, "In three seconds")).toHaveCount(0);
  });

  await test.step("now", async () => {
    await replyBox(ana).fill("Sooner than planned");
    await conversation(ana).getByRole("button", { name: "More ways to send" }).click();
    await ana.getByRole("menuitem", { name: /In an hour/ }).click();
    await waiting(ana, "Sooner than planned").getByRole("button", { name: "Send now" }).click();
    await expect.poll(() => inbox().carrier.shownOn(WREN, "Sooner than planned")).toHaveLength(1);
    await expect(waiting(ana, "Sooner than planned")).toHaveCount(0);
  });

  await test.step("not at all: its text is back in the composer", async () => {
    await replyBox(ana).fill("Not at all");
    await replyBox(ana).press("Alt+Enter");
    await ana.getByRole("menuitem", { name: /In an hour/ }).click();
    await waiting(ana, "Not at all").getByRole("button", { name: "Cancel it" }).click();
    await expect(waiting(ana, "Not at all")).toHaveCount(0);
    await expect(replyBox(ana)).toHaveValue("Not at all");
    await replyBox(ana).fill("");
  });

  await test.step("what was sent is listed, the newest first, and leads back to it", async () => {
    await mailbox(ana, "Sent").click();
    const links = ana.getByRole("region", { name: "Sent" }).getByRole("link");
    await expect(links.first()).toContainText("Sooner than planned");
    await expect(links.nth(1)).toContainText("In three seconds");
    await expect(ana.getByRole("region", { name: "Sent" })).not.toContainText("Not at all");
    await expectNoAxe(ana, "sent");
    await ana.keyboard.press("j");
    await ana.keyboard.press("Enter");
    await expect(entry(ana, "Sooner than planned")).toBeVisible();
  });

  await test.step("an answer that closes leaves and closes as one, and Z opens it again", async () => {
    await replyBox(ana).fill("That is all, then");
    await replyBox(ana).press("Control+Shift+Enter");
    await expect(row(ana, contact.name ?? WREN)).toHaveCount(0);
    await expect.poll(async () => (await api.conversationWith(WREN)).status).toBe("closed");
    await ana.keyboard.press("z");
    await ana.getByRole("button", { name: "1 new" }).click();
    await expect(row(ana, contact.name ?? WREN)).toBeVisible();
    await expect.poll(() => inbox().carrier.shownOn(WREN, "That is all, then")).toHaveLength(1);
  });
});
