import type { Locator, Page } from "@playwright/test";
import { expectNoAxe } from "../fixtures/axe.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { entry, noteBox, open } from "../fixtures/screen.ts";

const inbox = demoForThisFile();
const MALIK = "Malik Johnson";

type Shown = { title: string; body: string };

function bell(page: Page): Locator {
  return page.getByRole("button", { name: /^Notifications/ });
}

function told(page: Page): Locator {
  return page.getByRole("region", { name: "Notifications" }).getByRole("listitem");
}

/** Names somebody in a note. */
async function mention(page: Page, name: string, words: string): Promise<void> {
  await page.keyboard.press("m");
  const box = noteBox(page);
  await box.pressSequentially(`@${name.slice(0, 3).toLowerCase()}`);
  await expect(page.getByRole("listbox", { name: "Colleagues" }).getByRole("option", { selected: true })).toContainText(
    name,
  );
  await box.press("Enter");
  await box.pressSequentially(words);
  await box.press("Control+Enter");
  await expect(entry(page, words)).toBeVisible();
  await page.keyboard.press("Escape");
}

/** The demo has told them something already. */
async function seeAll(page: Page): Promise<void> {
  await bell(page).click();
  await expect(told(page).first().or(page.getByText("Nothing yet"))).toBeVisible();
  const all = page.getByRole("button", { name: "Mark all as seen" });
  if (await all.isVisible()) await all.click();
  await expect(bell(page)).toHaveAccessibleName("Notifications");
}

/** What the desktop would show; the window has the focus or not as the test says. */
async function watchDesktop(page: Page): Promise<() => Promise<Shown[]>> {
  await page.addInitScript(() => {
    const shown: Shown[] = [];
    let permission: NotificationPermission = "default";
    class Stub extends EventTarget {
      static get permission() {
        return permission;
      }
      static async requestPermission() {
        permission = "granted";
        return permission;
      }
      constructor(title: string, { body = "" }: NotificationOptions = {}) {
        super();
        shown.push({ title, body });
      }
      close() {}
    }
    Object.assign(window, { Notification: Stub, shown });
    document.hasFocus = () => false;
  });
  await page.reload();
  return () => page.evaluate(() => (window as unknown as { shown: Shown[] }).shown);
}

test("a mention rings the bell of whoever it names, who answers from there", async ({ openAs }) => {
  test.setTimeout(120_000);
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/mine");
  const onDesktop = await watchDesktop(ana);
  const news = (words: string) => told(ana).filter({ hasText: words });

  await test.step("what waited is seen; the desktop may show the next only once she has said so", async () => {
    for (const page of [sam, ana]) await seeAll(page);
    await ana.getByRole("button", { name: "Allow it" }).click();
    await expect(ana.getByRole("button", { name: "Allow it" })).toHaveCount(0);
  });

  await test.step("she is told, on the desktop too, and he is not", async () => {
    await sam.goto(`${inbox().url}/all`);
    await open(sam, MALIK);
    await mention(sam, "Ana Ruiz", "can you call him?");
    await expect(bell(ana)).toHaveAccessibleName("Notifications, 1 new");
    await expect(news("can you call him?")).toContainText("Sam Park mentioned you");
    await expect(news("can you call him?")).toContainText(MALIK);
    await expect.poll(onDesktop).toHaveLength(1);
    const [shown] = await onDesktop();
    expect(shown?.title).toBe("Sam Park mentioned you");
    expect(shown?.body).toContain("can you call him?");
    await expect(bell(sam)).toHaveAccessibleName("Notifications");
    await expectNoAxe(ana, "notifications");
  });

  await test.step("she opens it from there: it is seen, and the bell is quiet", async () => {
    await news("can you call him?").getByRole("link").click();
    await expect(entry(ana, "can you call him?")).toBeVisible();
    await expect(bell(ana)).toHaveAccessibleName("Notifications");
  });

  await test.step("her answer names him; while it is on his screen he is told nothing", async () => {
    await mention(ana, "Sam Park", "he does not answer");
    await expect(entry(sam, "he does not answer")).toBeVisible();
    await expect(bell(sam)).toHaveAccessibleName("Notifications");
    await bell(sam).click();
    await expect(told(sam).first()).toContainText("Ana Ruiz mentioned you");
    await mention(ana, "Sam Park", "and now?");
    await expect(bell(sam)).toHaveAccessibleName("Notifications, 1 new");
    await sam.getByRole("button", { name: "Mark all as seen" }).click();
    await expect(bell(sam)).toHaveAccessibleName("Notifications");
  });

  await test.step("who wants to hear nothing of mentions is not told of the next", async () => {
    await sam.getByRole("region", { name: "Notifications" }).getByRole("link", { name: "Settings" }).click();
    await expect(sam.getByRole("heading", { name: "Notifications" })).toBeVisible();
    await expectNoAxe(sam, "notification settings");
    for (const place of ["In the app", "On the desktop"]) {
      const saved = sam.waitForResponse((response) => response.url().endsWith("/notifications/settings"));
      await sam.getByRole("checkbox", { name: `Somebody mentions you or a team of yours: ${place}` }).uncheck();
      await saved;
    }
    await mention(ana, "Sam Park", "still there?");
    await sam.goto(`${inbox().url}/notifications`);
    await expect(told(sam).filter({ hasText: "and now?" })).toHaveCount(1);
    await expect(told(sam).filter({ hasText: "still there?" })).toHaveCount(0);
  });
});
