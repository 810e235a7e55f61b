import type { Page } from "@playwright/test";
import { expectNoAxe } from "../fixtures/axe.ts";
import { fill, type Filled } from "../fixtures/filled.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { SAM } from "../fixtures/people.ts";
import { sticksOut } from "../fixtures/reflow.ts";
import { leave, SCREENS, show } from "../fixtures/screens.ts";

const inbox = demoForThisFile();
/** A small laptop, a window at 200 % zoom of 1280 px, and the narrowest that one must be able to read (WCAG 1.4.10). In px. */
const NARROW = [1024, 640, 320] as const;
const HEIGHT = 900;
/** How the names of screens begin that are looked at, where not all are: EYES=settings,search */
const ONLY = (process.env.EYES ?? "").split(",").filter(Boolean);

test("no screen has barriers in either theme, and none scrolls sideways when it is narrow", async ({
  openAs,
  browser,
  watch,
}) => {
  test.setTimeout(900_000);
  const filled: Filled = await fill(inbox(), openAs);
  const signedIn = await openAs(inbox(), SAM, "/all");
  const stranger: Page = await (await browser.newContext()).newPage();
  for (const screen of SCREENS) {
    if (ONLY.length > 0 && !ONLY.some((word) => screen.name.startsWith(word))) continue;
    await test.step(screen.name, async () => {
      watch.expect(...(screen.expects ?? []));
      const page = screen.who === "nobody" ? stranger : signedIn;
      const at = { page, url: inbox().url, filled };
      await page.setViewportSize({ width: 1440, height: HEIGHT });
      try {
        await show(screen, at);
        await expectNoAxe(page, screen.name);
        for (const width of NARROW) {
          await page.setViewportSize({ width, height: HEIGHT });
          expect.soft(await sticksOut(page), `${screen.name} at ${width} px`).toEqual([]);
        }
      } catch (problem) {
        expect.soft(String(problem), screen.name).toBe("");
      }
      await leave(screen, at);
    });
  }
  await stranger.context().close();
});
