import type { Locator, Page } from "@playwright/test";
import { Api } from "../fixtures/api.ts";
import { expectNoAxe } from "../fixtures/axe.ts";
import { WEST_LINE, WREN } from "../fixtures/carrier.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { entry, row, rows, thread } from "../fixtures/screen.ts";

const inbox = demoForThisFile();

function box(page: Page): Locator {
  return page.getByRole("textbox", { name: "Search everything" });
}

function hits(page: Page): Locator {
  return page.getByRole("region", { name: "What was found" }).getByRole("listitem").locator("[data-hit]");
}

/** Looks again until what was written a moment ago is in the index. */
async function look(page: Page, q: string, count: number): Promise<void> {
  await expect(async () => {
    await page.goto(`${inbox().url}/search?${new URLSearchParams({ q }).toString()}`);
    await expect(hits(page)).toHaveCount(count, { timeout: 2_000 });
  }).toPass();
}

test("words are found from the palette on, marked, opened where they stand, and left again by key", async ({ openAs }) => {
  await inbox().carrier.text(WREN, WEST_LINE, "The zephyrine lamp in the hall flickers");
  const page = await openAs(inbox(), SAM, "/all");
  for (let n = 0; n < 3; n += 1) {
    const api = new Api(page);
    const { id } = await api.conversationWith(WREN);
    await api.post(`/conversations/${id}/notes`, { text: `Called the electrician, try ${n}` });
  }
  await look(page, "zephyrine", 1);
  await page.goto(`${inbox().url}/mine`);
  await expect(page.getByText("Nothing is assigned to you.").or(rows(page).first())).toBeVisible();

  await test.step("Ctrl+Enter in the palette looks for it in everything", async () => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search or jump" }).fill("zephyrine lamp");
    await expect(page.getByRole("option", { name: /Find “zephyrine lamp” in everything/ })).toBeVisible();
    await page.keyboard.press("Control+Enter");
    await expect(box(page)).toHaveValue("zephyrine lamp");
    await expect(hits(page)).toHaveCount(1);
    await expect(hits(page).locator("mark")).toHaveText("zephyrine lamp");
    await expectNoAxe(page, "search");
  });

  await test.step("operators are chips, and chips are operators", async () => {
    await box(page).fill("zephyrine lamp is:open");
    await expect(page.getByRole("button", { name: "Take away is:open" })).toBeVisible();
    await expect(hits(page)).toHaveCount(1);
    await page.getByRole("button", { name: "Status" }).click();
    await page.getByRole("menuitem", { name: /^Closed/ }).click();
    await expect(box(page)).toHaveValue("is:closed zephyrine lamp is:open");
    await expect(page.getByText("Nothing was found")).toBeVisible();
    await expectNoAxe(page, "nothing found");
    await page.getByRole("button", { name: "Take away is:closed" }).click();
    await expect(box(page)).toHaveValue("zephyrine lamp is:open");
    await expect(hits(page)).toHaveCount(1);
    await box(page).fill("zephyrine label:nowhere");
    await expect(page.getByText("There is no label called “nowhere”, so nothing is found.")).toBeVisible();
    await expectNoAxe(page, "a name that there is not");
    await box(page).fill("zephyrine lamp");
    await expect(hits(page)).toHaveCount(1);
  });

  await test.step("J goes to the first hit, Enter opens it where it stands", async () => {
    await box(page).press("Enter");
    await expect(hits(page).first()).toBeFocused();
    await page.keyboard.press("/");
    await expect(box(page)).toBeFocused();
    await box(page).press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/all\/conv_.*\?entry=msg_/);
    const found = entry(page, "zephyrine lamp");
    await expect(thread(page).locator('[aria-current="true"]')).toContainText("zephyrine lamp");
    await expect(found).toBeInViewport();
    await expectNoAxe(page, "an entry that was found");
  });

  await test.step("back is what was found, and Escape where it was begun", async () => {
    await page.goBack();
    await expect(hits(page)).toHaveCount(1);
    await page.keyboard.press("Escape");
    await expect(page).toHaveURL(/\/mine$/);
  });
});

test("an entry far back is loaded, scrolled to and marked", async ({ openAs }) => {
  await inbox().carrier.text(WREN, WEST_LINE, "The quixotic beginning");
  const page = await openAs(inbox(), SAM, "/all");
  const api = new Api(page);
  const { id } = await api.conversationWith(WREN);
  for (let n = 0; n < 90; n += 1) await api.post(`/conversations/${id}/notes`, { text: `Line ${n} of many` });
  await look(page, "quixotic", 1);
  await hits(page).first().click();
  await expect(thread(page).locator('[aria-current="true"]')).toContainText("The quixotic beginning");
  await expect(entry(page, "The quixotic beginning")).toBeInViewport();
  await look(page, '"of many"', 1);
  await page.getByRole("button", { name: "49 more hits here" }).click();
  await expect(hits(page)).toHaveCount(50);
  await page.getByRole("button", { name: "Show more" }).click();
  await expect(hits(page)).toHaveCount(90);
});

test("what a closed team keeps is found by nobody else", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/all");
  const api = new Api(sam);
  const { id } = await api.conversationWith(WREN);
  await api.post(`/conversations/${id}/notes`, { text: "The xylograph is confidential" });
  await look(ana, "xylograph", 1);
  const team = await api.post<{ id: string }>("/teams", { name: "Board", closed: true });
  await api.patch(`/conversations/${id}`, { team_id: team.id });
  await ana.reload();
  await expect(ana.getByText("Nothing was found")).toBeVisible();
  await look(sam, "xylograph", 1);
  await look(sam, "in:board xylograph", 1);
  await ana.goto(`${inbox().url}/search?q=in:board`);
  await expect(ana.getByText("There is no team called “board”, so nothing is found.")).toBeVisible();
  await expect(row(ana, "xylograph")).toHaveCount(0);
});

test("the search has no barriers on a phone, empty and when it fails", async ({ openAs, watch }) => {
  watch.expect(/status of 503 .*\/search/, /net::ERR_FAILED .*\/search/);
  const page = await openAs(inbox(), SAM, "/search", { viewport: { width: 390, height: 844 }, hasTouch: true });
  await expect(page.getByText("Messages, notes, names, numbers and the names of files.")).toBeVisible();
  await expectNoAxe(page, "search on a phone");
  await page.route("**/api/v1/search?*", (route) => route.abort());
  await box(page).fill("anything");
  await expect(page.getByRole("alert").filter({ hasText: "The search did not work" })).toBeVisible();
  await expectNoAxe(page, "search that failed");
  await page.unroute("**/api/v1/search?*");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("alert")).toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
