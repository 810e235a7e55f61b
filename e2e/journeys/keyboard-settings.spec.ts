import type { Page } from "@playwright/test";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { conversation, row, rows, selectedRow } from "../fixtures/screen.ts";

const inbox = demoForThisFile();
/** Open, nobody's and unread in the demo. */
const MALIK = "Malik Johnson";

function commandRow(page: Page, name: string) {
  return page.getByRole("row", { name: new RegExp(`^${name}`) });
}

async function goTo(page: Page, path: string): Promise<void> {
  await page.goto(inbox().url + path);
  await page.getByRole("main").waitFor();
}

test("Gmail's keys, none but those with Ctrl or Alt, and none at all: each in every browser, and for nobody else", async ({
  openAs,
}) => {
  test.setTimeout(120_000);
  const sam = await openAs(inbox(), SAM, "/settings/keyboard");
  const second = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/all");

  await test.step("Gmail: B sets aside, U leads back to the list, and H still works", async () => {
    await sam.getByRole("radio", { name: /Partyline/ }).focus();
    await sam.keyboard.press("ArrowDown");
    await expect(sam.getByRole("radio", { name: /Gmail/ })).toBeChecked();
    await expect(commandRow(sam, "Snooze…")).toContainText("B");
    await goTo(sam, "/all");
    await expect(row(sam, MALIK)).toBeVisible();
    await sam.keyboard.press("j");
    await expect(conversation(sam)).toBeVisible();
    await sam.keyboard.press("b");
    await expect(sam.getByRole("menu")).toBeVisible();
    await sam.keyboard.press("Escape");
    await expect(sam.getByRole("menu")).toBeHidden();
    await sam.keyboard.press("u");
    await expect(conversation(sam)).toBeHidden();
  });

  await test.step("only with Ctrl or Alt: a letter does nothing, Alt and the letter does", async () => {
    await goTo(sam, "/settings/keyboard");
    await sam.getByRole("radio", { name: /Only with Ctrl or Alt/ }).check({ force: true });
    await expect(commandRow(sam, "Next conversation")).toContainText("Alt J");
    // open all the while: it hears of the choice
    await expect(second.getByRole("button", { name: "New conversation" }).first()).toHaveAttribute(
      "data-tip-keys",
      "Alt+C",
    );
    await expect(row(second, MALIK)).toBeVisible();
    await second.keyboard.press("j");
    await second.keyboard.press("?");
    await second.keyboard.press("Alt+j");
    await expect(selectedRow(second)).toHaveCount(1);
    await expect(second.getByRole("dialog")).toBeHidden();
    await second.keyboard.press("Control+/");
    await expect(second.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
    await second.keyboard.press("Escape");
    await expect(conversation(second).getByRole("button", { name: /^Close/ })).toContainText("Ctrl");
  });

  await test.step("none: only keys with names are left", async () => {
    await sam.getByRole("radio", { name: /No shortcuts/ }).check({ force: true });
    await expect(commandRow(sam, "Reply")).toContainText("none");
    await expect(commandRow(sam, "To the next part of the page")).toContainText("F6");
    await goTo(second, "/all");
    await expect(row(second, MALIK)).toBeVisible();
    for (const keys of ["j", "Alt+j", "c", "?", "Control+k"]) await second.keyboard.press(keys);
    await second.keyboard.press("F6");
    await expect(selectedRow(second)).toHaveCount(0);
    await expect(second.getByRole("dialog")).toBeHidden();
  });

  await test.step("a colleague has hers", async () => {
    await expect(rows(ana).first()).toBeVisible();
    await ana.keyboard.press("j");
    await expect(selectedRow(ana)).toHaveCount(1);
  });
});

test("keys are given, refused, left, taken away and given back", async ({ openAs }) => {
  const page = await openAs(inbox(), ANA, "/settings/keyboard");
  const change = async (name: string, keys: string) => {
    await page.getByRole("button", { name: `Change the keys of ${name}`, exact: true }).press("Enter");
    await expect(page.getByRole("button", { name: `Press the new keys for ${name}` })).toBeFocused();
    await page.keyboard.press(keys);
  };
  await test.step("what the browser keeps, and what writing needs, is refused", async () => {
    await change("Reopen", "Control+r");
    await expect(page.getByRole("status").filter({ hasText: "Ctrl+R belongs to the browser" })).toBeVisible();
    await change("Reopen", "Control+Enter");
    await expect(page.getByRole("status").filter({ hasText: "has its meaning while you write" })).toBeVisible();
    await expect(commandRow(page, "Reopen")).toContainText("Shift E");
  });
  await test.step("Escape leaves it, and so does who is told that keys are taken", async () => {
    await change("Reopen", "Escape");
    await expect(page.getByRole("button", { name: "Change the keys of Reopen", exact: true })).toBeFocused();
    await change("Reopen", "j");
    await expect(page.getByRole("alert")).toContainText("Next conversation");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("alert")).toBeHidden();
    await expect(commandRow(page, "Reopen")).toContainText("Shift E");
  });
  await test.step("a change is kept, and taken back", async () => {
    await change("Reopen", "Alt+o");
    await expect(commandRow(page, "Reopen")).toContainText("Alt O");
    await page.reload();
    await expect(commandRow(page, "Reopen")).toContainText("Alt O");
    await page.getByRole("button", { name: "Take back the change of Reopen" }).press("Enter");
    await expect(commandRow(page, "Reopen")).toContainText("Shift E");
    await page.getByRole("button", { name: "No keys for Undo" }).press("Enter");
    await expect(commandRow(page, "Undo")).toContainText("none");
    await page.getByRole("button", { name: "Take back all changes" }).press("Enter");
    await expect(commandRow(page, "Undo")).toContainText("Z");
  });
});
