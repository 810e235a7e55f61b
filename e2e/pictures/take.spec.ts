import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import UPNG from "upng-js";
import { THEMES } from "../fixtures/axe.ts";
import { fill, type Filled } from "../fixtures/filled.ts";
import { startEmpty } from "../fixtures/inbox.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { SAM } from "../fixtures/people.ts";
import { leave, SCREENS, show } from "../fixtures/screens.ts";
import { fillAccount, fillSetup, goOn } from "../fixtures/wizard.ts";

const ELSEWHERE = process.env.PICTURES_FOLDER;
const FOLDER = ELSEWHERE ?? fileURLToPath(new URL("../../docs/screenshots", import.meta.url));
/** Bytes of the whole folder: it is cloned with the code. */
const MOST_BYTES = 10_000_000;
/** A palette of so many colours; the eye sees no difference, and a picture is a third of the size. */
const COLOURS = 256;
const SIZES = [
  { width: 1440, height: 900 },
  // too many for the folder that is cloned
  ...(ELSEWHERE ? [{ width: 1024, height: 768 }] : []),
  { width: 390, height: 844 },
];
/** Names, or how they begin: only these are taken, and the others stay. */
const ONLY = (process.env.PICTURES ?? "").split(",").filter(Boolean);
const wanted = (name: string) => ONLY.length === 0 || ONLY.some((word) => name.startsWith(word));

const inbox = demoForThisFile();

/** The page as it stands, in every size and both themes. */
async function take(page: Page, name: string): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      const image = UPNG.decode(await page.screenshot({ animations: "disabled", caret: "hide" }));
      const small = UPNG.encode(UPNG.toRGBA8(image), image.width, image.height, COLOURS);
      await writeFile(join(FOLDER, `${name}-${colorScheme}-${size.width}.png`), Buffer.from(small));
    }
  }
  await page.setViewportSize(SIZES[0]!);
}

test.beforeAll(async () => {
  if (ONLY.length === 0) await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
});
test.afterAll(async () => {
  const sizes = await Promise.all((await readdir(FOLDER)).map(async (file) => (await stat(join(FOLDER, file))).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`${sizes.length} pictures, ${(bytes / 1e6).toFixed(1)} MB in ${FOLDER}`);
  if (!ELSEWHERE) expect(bytes, "bytes of all pictures").toBeLessThan(MOST_BYTES);
});

test("the screens", async ({ openAs, browser, watch }) => {
  const filled: Filled = await fill(inbox(), openAs);
  const signedIn = await openAs(inbox(), SAM, "/all");
  const stranger = await (await browser.newContext()).newPage();
  for (const screen of SCREENS.filter(({ name }) => wanted(name))) {
    watch.expect(...(screen.expects ?? []));
    const page = screen.who === "nobody" ? stranger : signedIn;
    const at = { page, url: inbox().url, filled };
    await page.setViewportSize(SIZES[0]!);
    try {
      await show(screen, at);
      await take(page, screen.name);
    } catch (problem) {
      expect.soft(String(problem), screen.name).toBe("");
    }
    await leave(screen, at);
  }
  if (wanted("phones")) {
    await stranger.goto(inbox().carrier.url);
    await expect(stranger.getByText("Maya").first()).toBeVisible();
    await take(stranger, "phones");
  }
  await stranger.context().close();
});

test("set-up and the wizard", async ({ page }) => {
  test.skip(!wanted("setup") && !wanted("wizard"));
  const empty = await startEmpty();
  await page.goto(empty.url);
  await fillSetup(page);
  await take(page, "setup");
  await page.getByRole("button", { name: /Make the workspace/ }).click();
  await expect(page).toHaveURL(/\/kind$/);
  await take(page, "wizard-1-kind");
  await goOn(page, /Go on/, "provider");
  await take(page, "wizard-2-provider");
  await goOn(page, /Go on/, "connect");
  await fillAccount(page, empty);
  await take(page, "wizard-3-connect");
  await goOn(page, /Check with/, "numbers");
  await page.getByRole("checkbox").first().check();
  await take(page, "wizard-4-numbers");
  await goOn(page, /^Connect/, "route");
  await expect(page.getByText("connected", { exact: true })).toBeVisible();
  await take(page, "wizard-5-route");
  await goOn(page, /Go on to the test/, "test");
  await take(page, "wizard-6-test");
  await page.goto(`${empty.url}/all`);
  await expect(page.getByText("The line is quiet")).toBeVisible();
  await take(page, "quiet");
  await empty.close();
});
