import type { Locator, Page } from "@playwright/test";
import { Api, type Conversation } from "../fixtures/api.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { count, open, replyBox, row, rows, selectedRow, thread } from "../fixtures/screen.ts";

const inbox = demoForThisFile();
/** Open, nobody's and unread in the demo. */
const MALIK = "Malik Johnson";
const NOOR = "Noor Aziz";
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** Longer than a finger that taps stays. */
const LONG_MS = 700;

/** Who is in the rows, from the top: the order of lists that others change is not told by places. */
async function names(page: Page, many: number): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < many; at += 1) found.push((await rows(page).nth(at).locator("span").first().innerText()).trim());
  return found;
}

function bar(page: Page): Locator {
  return page.getByRole("group", { name: /selected$/ });
}

function mailbox(page: Page, name: string): Locator {
  return page.getByRole("navigation", { name: "Mailboxes" }).getByRole("link", { name: new RegExp(`^${name}`) });
}

test("rows are chosen by key, closed together on every screen, and Z brings all of them back", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/all");
  const before = Number(await count(sam, "All"));
  const people = [MALIK, NOOR];
  await open(sam, MALIK);

  await test.step("X takes the open one, Shift+J the next, and Shift+K gives it back", async () => {
    await sam.keyboard.press("x");
    await expect(bar(sam)).toHaveAccessibleName("1 selected");
    await sam.keyboard.press("Shift+J");
    await expect(selectedRow(sam)).toHaveCount(2);
    await sam.keyboard.press("Shift+K");
    await expect(selectedRow(sam)).toHaveCount(1);
    await row(sam, NOOR).click({ modifiers: ["Control"] });
    await expect(bar(sam)).toHaveAccessibleName("2 selected");
    await expect(selectedRow(sam).filter({ hasText: NOOR })).toHaveCount(1);
  });

  await test.step("E closes both, and what was open gives way to a row that is left", async () => {
    await sam.keyboard.press("e");
    for (const name of people) {
      await expect(row(sam, name)).toHaveCount(0);
      await expect(row(ana, name)).toHaveCount(0);
    }
    await expect(bar(sam)).toHaveCount(0);
    await expect(sam.getByText("2 conversations closed.")).toBeVisible();
    await expect.poll(() => count(ana, "All")).toBe(String(before - 2));
  });

  await test.step("Z undoes it on both", async () => {
    await sam.keyboard.press("z");
    for (const name of people) {
      await expect(row(sam, name)).toBeVisible();
      await expect(row(ana, name)).toBeVisible();
    }
    await expect.poll(() => count(sam, "All")).toBe(String(before));
    await open(ana, NOOR);
    await expect(thread(ana).getByText("Sam Park closed it")).toBeVisible();
  });
});

test("what somebody has changed since is left as it is, and that is said", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = new Api(await openAs(inbox(), ANA, "/all"));
  await row(sam, MALIK).click({ modifiers: ["Control"] });
  await row(sam, NOOR).click({ modifiers: ["Control"] });
  const { data } = await ana.get<{ data: Conversation[] }>("/conversations?view=all");
  const noor = data.find(({ contact }) => contact.name === NOOR)?.id;
  await sam.keyboard.press("!");
  await expect(row(sam, NOOR)).toHaveCount(0);
  await expect.poll(async () => (await ana.get<Conversation>(`/conversations/${noor}`)).status).toBe("spam");
  await ana.patch(`/conversations/${noor}`, { status: "closed" });
  await sam.keyboard.press("z");
  await expect(sam.getByText("Undone. 1 was left as it is: somebody has changed it since.")).toBeVisible();
  await expect(row(sam, MALIK)).toBeVisible();
  await expect(row(sam, NOOR)).toHaveCount(0);
  await ana.patch(`/conversations/${noor}`, { status: "open" });
  // a list under the pointer keeps still
  await sam.mouse.move(1_000, 500);
  await expect(row(sam, NOOR)).toBeVisible();
});

test("labels, people and the palette act on all that are chosen", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/mine");
  await row(sam, MALIK).click({ modifiers: ["Control"] });
  await row(sam, NOOR).click({ modifiers: ["Control"] });

  await test.step("L puts a label on both, beside those that they have", async () => {
    await sam.keyboard.press("l");
    const box = sam.getByRole("combobox", { name: "Find a label" });
    await box.fill("nois");
    await box.press("Enter");
    await expect(sam.getByRole("option", { name: "noise", exact: true })).toHaveAttribute("aria-selected", "true");
    await box.press("Escape");
    for (const name of [MALIK, NOOR]) await expect(row(sam, name)).toContainText("noise");
    await expect(bar(sam)).toHaveAccessibleName("2 selected");
    await sam.keyboard.press("z");
    for (const name of [MALIK, NOOR]) await expect(row(sam, name)).not.toContainText("noise");
  });

  await test.step("A gives both to Ana", async () => {
    await sam.keyboard.press("a");
    await sam.getByRole("menuitem", { name: /Ana Ruiz/ }).click();
    for (const name of [MALIK, NOOR]) await expect(row(ana, name)).toBeVisible();
  });

  await test.step("the palette says how many, and does it to all", async () => {
    await sam.keyboard.press("Control+k");
    await expect(sam.getByRole("dialog").getByText("2 conversations").first()).toBeVisible();
    await sam.keyboard.type("nobody");
    await sam.keyboard.press("Enter");
    for (const name of [MALIK, NOOR]) await expect(row(ana, name)).toHaveCount(0);
  });

  await test.step("Escape lets go of them", async () => {
    await sam.keyboard.press("Escape");
    await expect(bar(sam)).toHaveCount(0);
  });
});

test("all that are loaded are chosen, not what is written; and what leaves the list leaves the choice", async ({
  openAs,
}) => {
  const sam = await openAs(inbox(), SAM, "/all");
  await open(sam, MALIK);
  const all = await rows(sam).first().getAttribute("aria-setsize");
  await replyBox(sam).fill("Good morning");
  await sam.keyboard.press("Control+a");
  await expect(bar(sam)).toHaveCount(0);
  await replyBox(sam).fill("");
  await replyBox(sam).press("Escape");
  await sam.keyboard.press("Control+a");
  await expect(bar(sam)).toHaveAccessibleName(`${all} selected`);
  const ana = new Api(await openAs(inbox(), ANA, "/all"));
  const { data } = await ana.get<{ data: Conversation[] }>("/conversations?view=all");
  const malik = data.find(({ contact }) => contact.name === MALIK)?.id;
  await ana.patch(`/conversations/${malik}`, { status: "closed" });
  await expect(bar(sam)).toHaveAccessibleName(`${Number(all) - 1} selected`);
  await ana.patch(`/conversations/${malik}`, { status: "open" });
  await expect(row(sam, MALIK)).toBeVisible();
  await expect(bar(sam)).toHaveAccessibleName(`${Number(all) - 1} selected`);
  await mailbox(sam, "Closed").click();
  await expect(bar(sam)).toHaveCount(0);
});

test("by the mouse: a box at the row, a range with Shift, and one of them drags all", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  const [first = "", second = "", third = ""] = await names(page, 3);
  await row(page, first).hover({ position: { x: 12, y: 20 } });
  await page.mouse.down();
  await page.mouse.up();
  await expect(bar(page)).toHaveAccessibleName("1 selected");
  await row(page, third).click({ modifiers: ["Shift"] });
  await expect(bar(page)).toHaveAccessibleName("3 selected");
  await row(page, second).dragTo(mailbox(page, "Closed"));
  for (const name of [first, second, third]) await expect(row(page, name)).toHaveCount(0);
  await page.keyboard.press("z");
  for (const name of [first, second, third]) await expect(row(page, name)).toBeVisible();
});

test("a finger that rests on a row chooses it, and then taps choose more", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all", PHONE);
  const [first = "", second = ""] = await names(page, 2);
  const touch = await page.context().newCDPSession(page);
  const box = await row(page, first).boundingBox();
  const at = { x: (box?.x ?? 0) + 120, y: (box?.y ?? 0) + 30 };
  await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [at] });
  await expect(bar(page)).toHaveAccessibleName("1 selected", { timeout: LONG_MS * 5 });
  await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await expect(bar(page)).toHaveAccessibleName("1 selected");
  await row(page, second).tap();
  await expect(bar(page)).toHaveAccessibleName("2 selected");
  await bar(page).getByRole("button", { name: "Close", exact: true }).tap();
  await expect(row(page, first)).toHaveCount(0);
  await page.getByRole("button", { name: /Undo/ }).tap();
  await expect(row(page, first)).toBeVisible();
  await expect(row(page, second)).toBeVisible();
});
