import type { Page } from "@playwright/test";
import { Api, type Conversation } from "../fixtures/api.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { conversation, count, open, row, rows, selectedRow, thread } from "../fixtures/screen.ts";

const inbox = demoForThisFile();

function mailbox(page: Page, name: string) {
  return page.getByRole("navigation", { name: "Mailboxes" }).getByRole("link", { name: new RegExp(`^${name}`) });
}

test("what is set aside is counted, listed and comes back by itself", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/all");
  const before = Number(await count(sam, "Snoozed"));
  await open(sam, "Malik Johnson");
  await sam.keyboard.press("i");

  await test.step("H offers times, and the row goes from both lists", async () => {
    await sam.keyboard.press("h");
    await sam.getByRole("menuitem", { name: /Tomorrow morning/ }).click();
    await expect(row(sam, "Malik Johnson")).toHaveCount(0);
    await expect(row(ana, "Malik Johnson")).toHaveCount(0);
    await expect.poll(() => count(sam, "Snoozed")).toBe(String(before + 1));
    await expect(selectedRow(sam)).not.toContainText("Malik Johnson");
  });

  await test.step("it is under Snoozed, and says until when and who did it", async () => {
    await mailbox(sam, "Snoozed").click();
    await open(sam, "Malik Johnson");
    await expect(conversation(sam).getByText(/^Set aside until .*9:00/).first()).toBeVisible();
    await expect(thread(sam).getByText(/You set it aside until/)).toBeVisible();
  });

  await test.step("Shift+E brings it back at once", async () => {
    await sam.keyboard.press("Shift+E");
    await expect(row(ana, "Malik Johnson")).toBeVisible();
  });

  await test.step("when its time comes it is open again", async () => {
    const api = new Api(ana);
    const { data } = await api.get<{ data: Conversation[] }>("/conversations?view=all");
    const id = data.find(({ contact }) => contact.name === "Malik Johnson")?.id;
    const snoozed_until = new Date(Date.now() + 3_000).toISOString();
    await api.patch(`/conversations/${id}`, { status: "snoozed", snoozed_until });
    await expect(row(ana, "Malik Johnson")).toHaveCount(0);
    await expect(row(ana, "Malik Johnson")).toBeVisible();
    await open(ana, "Malik Johnson");
    await expect(thread(ana).getByText("Opened again: its time has come")).toBeVisible();
  });
});

test("labels are put on by key, seen by everybody at once, and list what has them", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/all");
  await open(sam, "Noor Aziz");

  await test.step("L finds them by their letters, puts one on and takes one off, and makes one that is not there", async () => {
    await sam.keyboard.press("l");
    const box = sam.getByRole("combobox", { name: "Find a label" });
    await box.fill("leas");
    await box.press("Enter");
    await box.fill("heat");
    await box.press("Enter");
    await box.fill("Keys/Lost");
    await box.press("Enter");
    await expect(sam.getByRole("option", { name: "Keys/Lost", exact: true })).toHaveAttribute("aria-selected", "true");
    await box.press("Escape");
    await expect(row(ana, "Noor Aziz")).toContainText("heating");
    await expect(row(ana, "Noor Aziz")).not.toContainText("leasing");
    await expect(row(ana, "Noor Aziz")).toContainText("Lost");
    await expect(thread(sam).getByText("You put the label “Keys/Lost” on it")).toBeVisible();
  });

  await test.step("what is above a label lists what is below it, with its number", async () => {
    await mailbox(ana, "Keys").click();
    await expect(rows(ana)).toHaveCount(1);
    // under the pointer it gives way to the button that unfolds it
    await rows(ana).first().hover();
    await expect.poll(() => count(ana, "Keys")).toBe("1");
    await sam.keyboard.press("e");
    await expect(rows(ana)).toHaveCount(0);
    await sam.keyboard.press("z");
    await expect(row(ana, "Noor Aziz")).toBeVisible();
  });

  await test.step("renamed and coloured in the settings, it changes on every screen; removed, it is gone", async () => {
    await ana.goto(`${inbox().url}/settings/labels`);
    await ana.getByRole("link", { name: "Keys/Lost" }).click();
    await ana.getByRole("textbox", { name: "Name" }).fill("Stolen");
    await ana.getByText("Purple", { exact: true }).click();
    await ana.getByRole("button", { name: "Save" }).click();
    await expect(row(sam, "Noor Aziz")).toContainText("Stolen");
    await ana.getByRole("link", { name: "Keys", exact: true }).click();
    await ana.getByRole("button", { name: "Remove" }).click();
    await ana.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await expect(row(sam, "Noor Aziz")).not.toContainText("Stolen");
    await expect(mailbox(sam, "Keys")).toHaveCount(0);
  });
});

test("a conversation is dragged to a team, a label and a person", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  const one = row(page, "Malik Johnson");
  await one.dragTo(mailbox(page, "noise"));
  await expect(one).toContainText("noise");
  await one.dragTo(mailbox(page, "Maintenance"));
  await expect(page.getByText("Moved to Maintenance.")).toBeVisible();
  await page.keyboard.press("z");
  await one.dragTo(mailbox(page, "Closed"));
  await expect(one).toHaveCount(0);
  await page.keyboard.press("z");
  await expect(one).toBeVisible();
});

test("two people are put on it, one beside the other, and taken off", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/mine");
  await open(sam, "Malik Johnson");
  await sam.keyboard.press("i");
  await sam.keyboard.press("a");
  const add = sam.getByRole("group", { name: "Add" });
  await add.getByRole("menuitem", { name: /Ana Ruiz/ }).click();
  await expect(row(ana, "Malik Johnson")).toBeVisible();
  await expect(sam.getByRole("button", { name: /^Assigned to/ })).toContainText("+1");
  await sam.keyboard.press("z");
  await expect(row(ana, "Malik Johnson")).toHaveCount(0);
});

test("what is followed is listed, and what is muted stays read", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  await open(page, "Noor Aziz");
  const menu = async (name: string) => {
    await conversation(page).getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name, exact: true }).click();
  };
  await menu("Follow");
  await mailbox(page, "Following").click();
  await expect(row(page, "Noor Aziz")).toBeVisible();
  await open(page, "Noor Aziz");
  await menu("Mute");
  await expect(row(page, "Noor Aziz")).toHaveCount(0);
  await mailbox(page, "All").click();
  await expect(row(page, "Noor Aziz").getByLabel("muted")).toBeVisible();
});

test("spam and trash are out of the way, and Z brings back what went there", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  for (const [key, place, says] of [
    ["!", "Spam", "Spam"],
    ["#", "Trash", "In the trash"],
  ] as const) {
    await open(page, "Noor Aziz");
    await page.keyboard.press(key);
    await expect(row(page, "Noor Aziz")).toHaveCount(0);
    await page.keyboard.press("z");
    await expect(selectedRow(page)).toContainText("Noor Aziz");
    await page.keyboard.press(key);
    if (!(await mailbox(page, place).isVisible())) await page.getByRole("button", { name: "Spam and trash" }).click();
    await mailbox(page, place).click();
    await open(page, "Noor Aziz");
    await expect(conversation(page).getByText(says, { exact: true })).toBeVisible();
    await page.keyboard.press("Shift+E");
    await expect(row(page, "Noor Aziz")).toHaveCount(0);
    await mailbox(page, "All").click();
    await expect(row(page, "Noor Aziz")).toBeVisible();
  }
});
