import type { Page } from "@playwright/test";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { SAM } from "../fixtures/people.ts";
import { conversation, entry, noteBox, replyBox, row, rows, selectedRow, thread } from "../fixtures/screen.ts";

const inbox = demoForThisFile();

/** The heading of the open conversation. */
function opened(page: Page) {
  return conversation(page).getByRole("heading", { level: 2 });
}

/** Opens the first conversation of the list. */
async function openFirst(page: Page): Promise<void> {
  await expect(rows(page).first()).toBeVisible();
  await page.keyboard.press("j");
  await expect(opened(page)).toBeVisible();
}

/** The names in the list, from the top. */
async function names(page: Page): Promise<string[]> {
  await expect(rows(page).first()).toBeVisible();
  return rows(page)
    .locator("span")
    .filter({ hasText: /^[A-Z]\S+ [A-Z]\S+$/ })
    .allInnerTexts();
}

test("J and K walk the list, and E closes and moves on to the next row", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  const [first, second, third] = await names(page);
  if (!first || !second || !third) throw new Error("The demo has more conversations than that.");
  await page.keyboard.press("j");
  await expect(selectedRow(page)).toContainText(first);
  await page.keyboard.press("j");
  await expect(selectedRow(page)).toContainText(second);
  await page.keyboard.press("k");
  await expect(selectedRow(page)).toContainText(first);
  await page.keyboard.press("j");

  await page.keyboard.press("e");
  await expect(row(page, second)).toHaveCount(0);
  await expect(selectedRow(page)).toContainText(third);
  await expect(page).toHaveURL(/\/all\/conv_/);

  await test.step("Z brings it back, and it is the one that is open", async () => {
    await page.keyboard.press("z");
    await expect(row(page, second)).toBeVisible();
    await expect(selectedRow(page)).toContainText(second);
  });

  await test.step("U marks unread, and what was marked so stays so while it is open", async () => {
    await expect(selectedRow(page)).not.toContainText("unread");
    await page.keyboard.press("u");
    await expect(selectedRow(page)).toContainText("unread");
  });

  await test.step("Escape leads back to the list", async () => {
    await page.keyboard.press("Escape");
    await expect(conversation(page)).toBeHidden();
  });
});

test("A assigns, and I takes it", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/unassigned");
  await openFirst(page);
  await page.keyboard.press("a");
  const menu = page.getByRole("menu");
  await expect(menu.getByRole("menuitem").first()).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(menu.getByRole("menuitem", { name: /^Ana Ruiz/ })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(menu).toBeHidden();
  await expect(conversation(page).getByRole("button", { name: /^Assigned to Ana Ruiz/ })).toBeVisible();
  await page.keyboard.press("i");
  await expect(conversation(page).getByRole("button", { name: /^Assigned to Sam Park/ })).toBeVisible();
  await page.keyboard.press("Shift+I");
  await expect(conversation(page).getByRole("button", { name: "Assign", exact: true })).toBeVisible();
});

test("single keys are text while one types, and R, M and Ctrl+Enter write and send", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  await openFirst(page);
  const name = await opened(page).innerText();
  await page.keyboard.press("m");
  await page.keyboard.type("jekau ? c");
  await expect(noteBox(page)).toHaveValue("jekau ? c");
  await expect(opened(page)).toHaveText(name);
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.keyboard.press("Control+Enter");
  await expect(entry(page, "jekau ? c")).toBeVisible();

  await page.keyboard.press("Escape");
  await page.keyboard.press("r");
  await expect(replyBox(page)).toBeFocused();
  await page.keyboard.type("Written without the mouse");
  await page.keyboard.press("Control+Enter");
  await expect(entry(page, "Written without the mouse")).toBeVisible();

  await test.step("Z takes the reply back before it has left", async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("z");
    await expect(thread(page).getByText("You took a message back before it went out")).toBeVisible();
    await expect(replyBox(page)).toHaveValue("Written without the mouse");
  });
});

test("Alt+. replaces the character that makes a text dear", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  await openFirst(page);
  await page.keyboard.press("r");
  const text = `We will be there between nine and noon, and we call before. Please leave the gate open if you can, the dog isn’t with us.`;
  await page.keyboard.insertText(text);
  await expect(conversation(page).getByText("2 segments", { exact: false }).first()).toBeVisible();
  await expect(conversation(page).getByText("The ’ makes this 2 segments.")).toBeVisible();
  await page.keyboard.press("Alt+.");
  await expect(replyBox(page)).toHaveValue(text.replace("’", "'"));
  await expect(conversation(page).getByText("1 segment", { exact: false })).toBeVisible();
  await expect(replyBox(page)).toBeFocused();
});

test("C writes to somebody, / and Ctrl+K search, ? shows the keys, and G leads to places", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  await expect(rows(page).first()).toBeVisible();
  for (const [key, name] of [
    ["c", "New conversation"],
    ["Control+k", "Search or jump"],
    ["?", "Keyboard shortcuts"],
  ] as const) {
    await page.keyboard.press(key);
    await expect(page.getByRole("dialog", { name })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
  }
  await page.keyboard.press("/");
  await expect(page.getByRole("textbox", { name: "Search everything" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\/all$/);
  for (const [second, path] of [
    ["m", "mine"],
    ["u", "unassigned"],
    ["e", "closed"],
    ["a", "all"],
  ] as const) {
    await page.keyboard.press("g");
    await page.keyboard.press(second);
    await expect(page).toHaveURL(new RegExp(`/${path}$`));
  }
});

test("the palette does what is typed, with arrows and Enter", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  await openFirst(page);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("priya");
  await expect(page.getByRole("option", { name: /Assign to Priya Nair/ })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(conversation(page).getByRole("button", { name: /^Assigned to Priya Nair/ })).toBeVisible();

  await page.keyboard.press("Control+k");
  await page.keyboard.type("rafael mendes");
  await page.keyboard.press("Enter");
  await expect(opened(page)).toHaveText("Rafael Mendes");
});

test("everything in the mailbox is in reach of Tab, and the focus is always seen", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  await openFirst(page);
  await expect(replyBox(page)).toBeVisible();
  const reached = new Set<string>();
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement) || element === document.body) return null;
      // A list shows where one is by its selected row.
      const option = element.querySelector(':scope [role="option"][aria-selected="true"]');
      const style = getComputedStyle(option ?? element);
      const around = element.parentElement?.closest(":focus-within");
      const ringed =
        style.outlineStyle !== "none" ||
        style.boxShadow !== "none" ||
        (around instanceof HTMLElement && getComputedStyle(around).outlineStyle !== "none") ||
        // the composer wears the ring of its text field
        element instanceof HTMLTextAreaElement;
      return { name: element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "", ringed };
    });
    if (at === null) continue;
    expect(at.ringed, `the focus on "${at.name}" is seen`).toBe(true);
    reached.add(at.name);
  }
  for (const name of ["New conversation", "Conversations", "Messages", "More", "Contact", "Attach a file"])
    expect([...reached], `"${name}" is in reach`).toContain(name);
  expect([...reached].some((name) => name.startsWith("Reply to"))).toBe(true);
});
