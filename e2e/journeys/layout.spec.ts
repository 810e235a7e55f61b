import type { Page } from "@playwright/test";
import { WEST_LINE } from "../fixtures/carrier.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { SAM } from "../fixtures/people.ts";
import { conversation, entry, open, replyBox, row, rows, thread } from "../fixtures/screen.ts";

const inbox = demoForThisFile();

const WIDTHS = [390, 768, 1024, 1440, 1920] as const;
/** A conversation with everything in it: a subject, a note, a failed send, a reply that still waits. */
const BUSY = "Leocadia Santos";
/** The phone of Konstantinos Papadimitriou-Villanueva, whom the demo knows. */
const LONG_PHONE = "+15105550599";

/** Nothing sticks out of the window, and no control is cut off by what it stands in. */
async function expectNothingSticksOut(page: Page): Promise<void> {
  const found = await page.evaluate(() => {
    const wide =
      document.documentElement.scrollWidth > document.documentElement.clientWidth ? ["the page scrolls sideways"] : [];
    const clipped = [
      ...document.querySelectorAll<HTMLElement>("button, a, input, textarea, [role=option], h1, h2, p"),
    ].flatMap((element) => {
      const box = element.getBoundingClientRect();
      if (
        box.width === 0 ||
        box.height === 0 ||
        !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
      )
        return [];
      // What is hidden for the eye only, for screen readers.
      if (element.closest(".sr") || box.width <= 1) return [];
      const name = (element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 40);
      return box.right > window.innerWidth + 0.5 || box.left < -0.5
        ? [`${element.tagName} "${name}" from ${box.left} to ${box.right}`]
        : [];
    });
    return [...wide, ...clipped];
  });
  expect(found).toEqual([]);
}

/** Texts that are longer than their place end in an ellipsis instead of being cut off or pushing others away. */
async function expectEllipses(page: Page): Promise<void> {
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("span, b, h2, p, a, td")].flatMap((element) => {
      if (element.closest(".sr") || element.closest("[aria-hidden=true]") || element.children.length > 0) return [];
      const style = getComputedStyle(element);
      // 1 px and less: hidden for the eye only, for screen readers.
      const overflows = element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1;
      return overflows &&
        style.overflowX !== "visible" &&
        style.textOverflow !== "ellipsis" &&
        style.display !== "inline"
        ? [`"${element.textContent?.slice(0, 40)}"`]
        : [];
    }),
  );
  expect(cut).toEqual([]);
}

for (const width of WIDTHS) {
  test(`at ${width} px nothing scrolls sideways, is cut off, or pushes anything out`, async ({ openAs }) => {
    const page = await openAs(inbox(), SAM, "/all", { viewport: { width, height: width < 768 ? 844 : 900 } });
    await expect(rows(page).first()).toBeVisible();
    await expectNothingSticksOut(page);
    await expectEllipses(page);
    await open(page, BUSY);
    await expect(entry(page, "It’s still dripping")).toBeVisible();
    await expectNothingSticksOut(page);
    await expectEllipses(page);
    await replyBox(page).fill("We’re on our way".repeat(12));
    await expectNothingSticksOut(page);
    for (const path of [
      "/settings/general",
      "/settings/channels",
      "/settings/people",
      "/settings/teams",
      "/settings/profile",
      "/settings/keyboard",
      "/settings/channels/new",
    ]) {
      await page.goto(inbox().url + path);
      await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
      await expectNothingSticksOut(page);
    }
  });
}

test("a name too long for its place ends in an ellipsis, in the list, the header and the sidebar", async ({
  openAs,
}) => {
  const page = await openAs(inbox(), SAM, "/all", { viewport: { width: 768, height: 900 } });
  await inbox().carrier.newPhone(LONG_PHONE, "Konstantinos");
  await inbox().carrier.text(LONG_PHONE, WEST_LINE, "Is there a bicycle room?");
  const long = row(page, "Konstantinos Papadimitriou-Villanueva");
  await expect(long).toBeVisible();
  await expectNothingSticksOut(page);
  await expectEllipses(page);
  await long.click();
  await expect(
    conversation(page).getByRole("heading", { name: "Konstantinos Papadimitriou-Villanueva" }),
  ).toBeVisible();
  await expectNothingSticksOut(page);
  await expectEllipses(page);
});

test("on a phone the list and the thread take turns, with the way back", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all", {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await row(page, BUSY).tap();
  await expect(thread(page)).toBeVisible();
  await expect(rows(page).first()).toBeHidden();
  // The newest is what one sees first.
  await expect(entry(page, "It’s still dripping")).toBeInViewport();
  await expect(replyBox(page)).toBeInViewport();
  await page.getByRole("button", { name: "Back to the list" }).tap();
  await expect(rows(page).first()).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Main" }).getByRole("button", { name: /Mine/ })).toBeInViewport();

  await test.step("what is tapped is large enough for a finger", async () => {
    const small = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("button, a, [role=option]")].flatMap((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width > 1 && (width < 24 || height < 24) && element.checkVisibility()
          ? [`${element.textContent} ${width}×${height}`]
          : [];
      }),
    );
    expect(small).toEqual([]);
  });
});

test("at 200 % zoom, which leaves 320 px, one can read and answer", async ({ openAs }) => {
  // 640 px at a factor of two: what WCAG 1.4.10 calls reflow.
  const page = await openAs(inbox(), SAM, "/all", { viewport: { width: 320, height: 450 }, deviceScaleFactor: 2 });
  await row(page, BUSY).click();
  await expect(entry(page, "It’s still dripping")).toBeInViewport();
  await replyBox(page).fill("A plumber is there between two and four.");
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeInViewport({ ratio: 1 });
  await expect(replyBox(page)).toBeInViewport();
  await expectNothingSticksOut(page);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(entry(page, "A plumber is there between two and four.")).toBeVisible();
});
