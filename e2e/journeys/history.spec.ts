import { expectNoAxe } from "../fixtures/axe.ts";
import { MAYA, WEST_LINE, WREN } from "../fixtures/carrier.ts";
import { emptyInboxForThisFile, expect, test } from "../fixtures/journey.ts";
import { said } from "../fixtures/past.ts";
import { count, entry, open, row, rows, thread } from "../fixtures/screen.ts";
import { fillAccount, fillSetup, goOn, OWNER } from "../fixtures/wizard.ts";
import type { Locator, Page } from "@playwright/test";

const inbox = emptyInboxForThisFile();
// The tests after the first need its workspace.
test.describe.configure({ mode: "serial" });

/** More than the provider answers at once, so that the import takes steps. */
const LONG = 1_100;
/** After trouble the server waits 10 s until it asks again. */
const GOES_ON_WITHIN_MS = 40_000;

/** What the number said. At the third of Maya's an import halts, as long as the carrier can't say where its picture is. */
const PAST = [
  ...Array.from({ length: LONG }, (_, n) =>
    said(n, WEST_LINE, WREN, `Line ${n + 1} of a long story`, { daysAgo: 85, hoursLater: n / 2, ours: n % 3 === 2 }),
  ),
  said(2_000, WEST_LINE, MAYA, "Do you have a two bedroom?", { daysAgo: 40 }),
  said(2_001, WEST_LINE, MAYA, "Yes, from March.", { daysAgo: 40, hoursLater: 1, ours: true }),
  said(2_002, WEST_LINE, MAYA, "This is the one I mean", { daysAgo: 40, hoursLater: 2, lostPictures: 1 }),
  said(2_003, WEST_LINE, MAYA, "Is it still free?", { daysAgo: 10 }),
];

const card = (page: Page): Locator => page.getByRole("region", { name: "Earlier texts" });
const progress = (page: Page): Locator => card(page).getByRole("progressbar");
const imports = (page: Page): Locator => card(page).getByRole("list", { name: "Imports so far" }).getByRole("listitem");
const begin = (page: Page): Locator => card(page).getByRole("button", { name: "Import them" });

/** Signs in and opens the number's own page. */
async function openChannel(page: Page): Promise<void> {
  await page.request.post(`${inbox().url}/api/v1/session`, { data: OWNER });
  await page.goto(`${inbox().url}/settings/channels`);
  await page.getByRole("link", { name: /Front desk/ }).click();
  await expect(card(page)).toBeVisible();
}

test("the wizard offers what a number said before, shows it come in, and it is there closed, read and in order", async ({
  page,
}) => {
  test.setTimeout(120_000);
  await inbox().carrier.remember(PAST);
  await page.goto(inbox().url);
  await fillSetup(page);
  await page.getByRole("button", { name: /Make the workspace/ }).click();
  await expect(page).toHaveURL(/\/settings\/channels\/new\/kind$/);
  await goOn(page, /Go on/, "provider");
  await goOn(page, /Go on/, "connect");
  await fillAccount(page, inbox());
  await goOn(page, /Check with/, "numbers");
  await page.getByRole("checkbox", { name: "(415) 555-0100" }).check();
  await goOn(page, /Connect 1 number/, "route");
  await expect(page.getByText("connected", { exact: true })).toBeVisible();
  await page.getByLabel("Name").fill("Front desk");
  await goOn(page, /Go on to the test/, "test");

  await test.step("90 days are offered, and it says that nobody will be bothered", async () => {
    await expect(card(page)).toContainText("It arrives closed: nothing becomes unread, and nobody is notified.");
    await expect(card(page).getByRole("combobox")).toContainText("The last 90 days");
    await expectNoAxe(page, "the wizard's offer of an import");
    await begin(page).click();
  });

  await test.step("it shows how far it has come, and where it is held up", async () => {
    await expect(card(page)).toContainText("It goes on by itself from where it is.");
    await expect(card(page)).toContainText("1,102 texts");
    await expect(card(page)).toContainText(/Now at /);
    const share = await progress(page).evaluate((bar: HTMLProgressElement) => bar.value);
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
    await expectNoAxe(page, "an import that runs");
  });

  await test.step("it goes on without the page, which shows it again after a reload and from elsewhere", async () => {
    await page.reload();
    await expect(progress(page)).toBeVisible();
    await expect(card(page)).toContainText("1,102 texts");
    await page.getByRole("button", { name: "Finish without a test" }).click();
    await openChannel(page);
    await expect(card(page)).toContainText("1,102 texts");
    await inbox().carrier.reset();
    await inbox().carrier.remember(PAST.map((text) => ({ ...text, lost_pictures: 0 })));
    await expect(imports(page)).toContainText(["1,104 imported"], { timeout: GOES_ON_WITHIN_MS });
    await expect(imports(page)).toContainText(["the last 90 days"]);
    await expect(progress(page)).toBeHidden();
  });

  await test.step("nothing is open, unread or counted", async () => {
    await page.goto(`${inbox().url}/all`);
    await expect(page.getByText("Nothing is open in All.")).toBeVisible();
    for (const name of ["Unassigned", "Mine", "All"]) expect(await count(page, name)).toBe("");
    await page.goto(`${inbox().url}/closed`);
    await expect(rows(page).first()).toContainText("Is it still free?");
    await expect(rows(page)).toHaveCount(3);
    for (const each of await rows(page).all()) await expect(each).not.toContainText("unread");
    await expect(rows(page)).toContainText([
      "Is it still free?",
      "This is the one I mean",
      `Line ${LONG} of a long story`,
    ]);
  });

  await test.step("what was said stands in its order, both ways, and says that it was imported", async () => {
    await open(page, "This is the one I mean");
    await expect(thread(page).getByText(/two bedroom|from March|the one I mean/)).toHaveText([
      "Do you have a two bedroom?",
      "Yes, from March.",
      "This is the one I mean",
    ]);
    await expect(entry(page, "Do you have a two bedroom?")).toContainText("imported");
    await expect(entry(page, "Yes, from March.")).toContainText("Imported");
    await expect(row(page, "This is the one I mean")).not.toContainText("unread");
  });
});

test("an import outlives a crash of the server, can be stopped, and doubles nothing when it is begun again", async ({
  page,
  watch,
}) => {
  test.setTimeout(120_000);
  watch.expect(
    /ERR_(CONNECTION_RESET|EMPTY_RESPONSE|CONNECTION_REFUSED|SOCKET_NOT_CONNECTED)/,
    /WebSocket connection to/,
  );
  await openChannel(page);
  await expect(card(page)).toContainText("Import once more: what is here already is not doubled.");

  await test.step("while the provider is away it says so, and stops when it is told to", async () => {
    await inbox().carrier.faults({ down_s: 3_600 });
    await begin(page).click();
    await expect(card(page)).toContainText("can’t be asked at the moment");
    await card(page).getByRole("button", { name: "Stop it" }).click();
    await expect(imports(page).first()).toContainText("Stopped after 0");
    await expect(begin(page)).toBeVisible();
  });

  await test.step("a crash in the middle of it costs nothing", async () => {
    await begin(page).click();
    await expect(card(page)).toContainText("can’t be asked at the moment");
    await inbox().kill();
    await inbox().carrier.faults({ down_s: 0 });
    await inbox().carrier.remember([said(3_000, WEST_LINE, WREN, "And one before you were here", { daysAgo: 2 })]);
    await inbox().restart();
    await expect(imports(page).first()).toContainText("1 imported", { timeout: GOES_ON_WITHIN_MS });
    await expect(imports(page).first()).toContainText("1,104 were here already");
    await expect(imports(page)).toHaveCount(3);
  });

  await page.goto(`${inbox().url}/closed`);
  await expect(rows(page).first()).toContainText("And one before you were here");
  await expect(rows(page)).toHaveCount(4);
});
