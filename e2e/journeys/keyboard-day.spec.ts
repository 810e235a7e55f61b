import type { Locator, Page } from "@playwright/test";
import { expectNoAxe } from "../fixtures/axe.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { SAM } from "../fixtures/people.ts";
import {
  conversation,
  entry,
  noteBox,
  replyBox,
  row,
  rows,
  selectedRow,
  thread,
} from "../fixtures/screen.ts";

const inbox = demoForThisFile();
/** Open, nobody's and unread in the demo. */
const MALIK = "Malik Johnson";
/** More than any page has places for the focus. */
const MOST_TABS = 150;

/** Presses Tab until the focus is there. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let presses = 0; presses < MOST_TABS; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${wanted}`);
}

/** Opens a conversation by a few letters of its name. */
async function jumpTo(page: Page, letters: string, name: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.keyboard.type(letters);
  await expect(page.getByRole("dialog").getByRole("option", { selected: true })).toContainText(name);
  await page.keyboard.press("Enter");
  await expect(conversation(page).getByRole("heading", { level: 2 })).toHaveText(name);
}

test("a whole day's work goes without a mouse", async ({ page, watch }) => {
  test.setTimeout(240_000);
  // first_contact is a question, and the browser logs its status
  watch.expect(/status of 409/, /status of 422/);
  await page.addInitScript(() => addEventListener("pointerdown", () => console.error("a mouse was used"), true));

  await test.step("sign in", async () => {
    await page.goto(inbox().url);
    await expect(page.getByRole("textbox", { name: "Email" })).toBeFocused();
    await page.keyboard.type(SAM.email);
    await page.keyboard.press("Tab");
    await tabTo(page, page.getByLabel("Password", { exact: true }));
    await page.keyboard.type(SAM.password);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("navigation", { name: "Mailboxes" })).toBeVisible();
    await page.keyboard.press("Control+7");
    await expect(page).toHaveURL(/\/all$/);
    await expect(row(page, MALIK)).toBeVisible();
  });

  await test.step("open and reply", async () => {
    await jumpTo(page, "mlk jhn", MALIK);
    await page.keyboard.press("r");
    await page.keyboard.type("We come at nine");
    await page.keyboard.press("Control+Enter");
    await expect(entry(page, "We come at nine")).toBeVisible();
    await page.keyboard.press("Escape");
  });

  await test.step("note with a mention", async () => {
    await page.keyboard.press("m");
    await page.keyboard.type("Please look, @an");
    await expect(page.getByRole("listbox", { name: "Colleagues" }).getByRole("option", { selected: true })).toContainText(
      "Ana Ruiz",
    );
    await page.keyboard.press("Enter");
    await expect(noteBox(page)).toHaveValue("Please look, @Ana Ruiz ");
    await page.keyboard.type("at the boiler");
    await page.keyboard.press("Control+Enter");
    await expect(entry(page, "at the boiler").getByText("@Ana Ruiz")).toBeVisible();
    await page.keyboard.press("Escape");
  });

  await test.step("assign", async () => {
    await page.keyboard.press("a");
    await expect(page.getByRole("menuitem").first()).toBeFocused();
    await page.keyboard.type("priy");
    await expect(page.getByRole("menuitem", { name: /^Priya Nair/ }).first()).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(conversation(page).getByRole("button", { name: /^Assigned to Priya Nair/ })).toBeVisible();
    await page.keyboard.press("i");
    await expect(conversation(page).getByRole("button", { name: /^Assigned to Sam Park/ })).toBeVisible();
  });

  await test.step("label", async () => {
    await page.keyboard.press("l");
    await expect(page.getByRole("combobox", { name: "Find a label" })).toBeFocused();
    await page.keyboard.type("heat");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    await expect(row(page, MALIK)).toContainText("heating");
  });

  await test.step("walk over the messages, and from part to part of the page", async () => {
    await page.keyboard.press("p");
    const newest = thread(page).getByRole("article").last();
    await expect(newest).toBeFocused();
    await expect(newest).toContainText("at the boiler");
    await page.keyboard.press("p");
    await expect(entry(page, "We come at nine")).toBeFocused();
    await page.keyboard.press("n");
    await expect(newest).toBeFocused();
    const parts = async () =>
      page.evaluate(() => document.activeElement?.closest("[data-region]")?.getAttribute("aria-label") ?? "");
    await page.keyboard.press("F6");
    await expect(replyBox(page)).toBeFocused();
    await page.keyboard.press("F6");
    expect(await parts()).toBe("Contact");
    await page.keyboard.press("F6");
    expect(await parts()).toBe("Mailboxes");
    await page.keyboard.press("F6");
    expect(await parts()).toBe("Conversations");
    await page.keyboard.press("Shift+F6");
    expect(await parts()).toBe("Mailboxes");
    await page.keyboard.press("F6");
  });

  await test.step("set aside, and undone", async () => {
    await page.keyboard.press("h");
    await expect(page.getByRole("menuitem").first()).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(row(page, MALIK)).toHaveCount(0);
    await page.keyboard.press("z");
    await expect(row(page, MALIK)).toBeVisible();
    await expect(selectedRow(page)).toContainText(MALIK);
  });

  await test.step("close", async () => {
    await page.keyboard.press("e");
    await expect(row(page, MALIK)).toHaveCount(0);
    await page.keyboard.press("g");
    await page.keyboard.press("e");
    await expect(page).toHaveURL(/\/closed$/);
    await page.keyboard.press("j");
    await expect(selectedRow(page)).toContainText(MALIK);
  });

  await test.step("search", async () => {
    await page.keyboard.press("/");
    await expect(page.getByRole("textbox", { name: "Search everything" })).toBeFocused();
    await page.keyboard.type("at the boiler");
    await expect(page.locator("[data-hit]")).toHaveCount(1);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\?entry=note_/);
    await expect(thread(page).locator('[aria-current="true"]')).toContainText("at the boiler");
  });

  await test.step("what was written is found from the palette too", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("a");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("come at nine");
    await expect(page.getByRole("option", { name: /We come at nine/ })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
  });

  await test.step("many at once, and undone", async () => {
    await page.keyboard.press("j");
    const before = await rows(page).count();
    await page.keyboard.press("x");
    await page.keyboard.press("Shift+J");
    await page.keyboard.press("Shift+J");
    await expect(page.getByRole("group", { name: "3 selected" })).toBeVisible();
    await page.keyboard.press("e");
    await expect(page.getByText("3 conversations closed.")).toBeVisible();
    await expect(rows(page)).toHaveCount(before - 3);
    await page.keyboard.press("z");
    await expect(rows(page)).toHaveCount(before);
  });

  await test.step("other keys, in the settings: what they did before is said", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await tabTo(page, page.getByRole("link", { name: "Your keyboard" }));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Your keyboard" })).toBeVisible();
    await expectNoAxe(page, "keyboard settings");
    await tabTo(page, page.getByRole("button", { name: "Change the keys of Close", exact: true }));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "Press the new keys for Close" })).toBeFocused();
    await page.keyboard.press("x");
    const taken = page.getByRole("alert");
    await expect(taken).toContainText("X is taken");
    await expect(taken).toContainText("Select, or no longer");
    await expectNoAxe(page, "keys that are taken");
    await expect(taken.getByRole("button", { name: "Leave it" })).toBeFocused();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("row", { name: /^Close X/ })).toBeVisible();
    await expect(page.getByRole("row", { name: /^Select, or no longer none/ })).toBeVisible();
    await expect(page.getByRole("button", { name: "Change the keys of Close", exact: true })).toBeFocused();
  });

  await test.step("two presses are keys too", async () => {
    await tabTo(page, page.getByRole("button", { name: "Change the keys of Spam", exact: true }));
    await page.keyboard.press("Enter");
    await page.keyboard.press("g");
    await page.keyboard.press("j");
    await expect(page.getByRole("row", { name: /^Spam G J/ })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page).toHaveURL(/\/all(\/|$)/);
    await expect(page.getByRole("navigation", { name: "Mailboxes" })).toBeVisible();
    await page.keyboard.press("g");
    await page.keyboard.press("j");
    await expect(page).toHaveURL(/\/spam$/);
    await page.keyboard.press("Control+7");
  });

  await test.step("the new keys work, the old ones do nothing, and the help knows", async () => {
    await jumpTo(page, "noor", "Noor Aziz");
    await page.keyboard.press("e");
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await expect(help.getByText("Close", { exact: true }).first()).toBeVisible();
    await expect(help.locator("div").filter({ has: page.locator("dt", { hasText: /^Close$/ }) }).last()).toContainText("X");
    await expectNoAxe(page, "the help");
    await page.keyboard.press("Escape");
    await expect(row(page, "Noor Aziz")).toBeVisible();
    await page.keyboard.press("x");
    await expect(row(page, "Noor Aziz")).toHaveCount(0);
  });

  await test.step("they are the account's: another visit knows them", async () => {
    await page.reload();
    await expect(rows(page).first()).toBeVisible();
    await jumpTo(page, "tobias", "Tobias Richter");
    await page.keyboard.press("x");
    await expect(row(page, "Tobias Richter")).toHaveCount(0);
  });

  await test.step("write to somebody new", async () => {
    await page.keyboard.press("c");
    const dialog = page.getByRole("dialog", { name: "New conversation" });
    await expect(dialog.getByLabel("To")).toBeFocused();
    await page.keyboard.type("(415) 555-0177");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Ines Moreau");
    await page.keyboard.press("Tab");
    await expect(dialog.getByLabel("From")).toBeFocused();
    await page.keyboard.type("west");
    await expect(page.getByRole("option", { name: /West line/ })).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(dialog.getByLabel("From")).toHaveValue("West line");
    await page.keyboard.press("Tab");
    await expect(dialog.getByLabel("Message")).toBeFocused();
    await page.keyboard.type("Hello Ines, your keys are ready.");
    await page.keyboard.press("Control+Enter");
    await expect(dialog.getByLabel("How did they agree to texts?")).toBeFocused();
    await page.keyboard.type("Asked us by phone");
    await page.keyboard.press("Control+Enter");
    await expect(dialog).toBeHidden();
    await expect(conversation(page).getByRole("heading", { level: 2 })).toHaveText("Ines Moreau");
    await expect(entry(page, "your keys are ready")).toBeVisible();
  });

  await test.step("sign out", async () => {
    await page.keyboard.press("Escape");
    await tabTo(page, page.getByRole("button", { name: /Sam Park/ }).first());
    await page.keyboard.press("Enter");
    await page.keyboard.type("sign");
    await expect(page.getByRole("menuitem", { name: "Sign out" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("textbox", { name: "Email" })).toBeVisible();
  });
});
