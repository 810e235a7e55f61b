import type { Page } from "@playwright/test";
import { Api } from "../fixtures/api.ts";
import { expectNoAxe } from "../fixtures/axe.ts";
import { WEST_LINE, WREN } from "../fixtures/carrier.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { SAM } from "../fixtures/people.ts";
import { conversation, thread as log } from "../fixtures/screen.ts";

const inbox = demoForThisFile();

/** So many that no page holds them, and none is near both ends. */
const NOTES = 320;

/** How far something stands from the top of what is seen of the thread, in px. */
async function topOf(page: Page, text: string): Promise<number> {
  const box = await log(page).getByText(text, { exact: true }).boundingBox();
  return box?.y ?? NaN;
}

test("a link into a long conversation opens it at its place, and goes on to both ends from there", async ({
  openAs,
  watch,
}) => {
  watch.expect(/status of 404 .*\/entries/);
  test.slow();
  await inbox().carrier.text(WREN, WEST_LINE, "The very first word");
  const page = await openAs(inbox(), SAM, "/all");
  const api = new Api(page);
  const { id } = await api.conversationWith(WREN);
  const notes: string[] = [];
  for (let n = 0; n < NOTES; n += 1) {
    const note = await api.post<{ id: string }>(`/conversations/${id}/notes`, { text: `Line ${n}.` });
    notes.push(note.id);
  }
  const asked: string[] = [];
  page.on("request", (request) => request.url().includes("/entries?") && asked.push(request.url()));

  await test.step("the entry is there, marked, in sight and has the focus, after one page", async () => {
    await page.goto(`${inbox().url}/all/${id}?entry=${notes[120]}`);
    const sought = log(page).locator("[data-sought]");
    await expect(sought).toContainText("Line 120.");
    await expect(sought).toBeFocused();
    await expect(sought).toBeInViewport({ ratio: 1 });
    await expect(sought).toHaveAttribute("aria-current", "true");
    expect(asked.filter((url) => url.includes("around="))).toHaveLength(1);
    await expect(log(page).getByText("Line 319.", { exact: true })).toHaveCount(0);
    await expect(conversation(page).getByRole("button", { name: "To the newest" })).toBeVisible();
    await expectNoAxe(page, "in the middle of a thread");
  });

  await test.step("reading on towards the newest leaves what is read where it is", async () => {
    for (const n of [140, 160, 180, 200]) {
      const line = log(page).getByText(`Line ${n}.`, { exact: true });
      await expect(async () => {
        await log(page).evaluate((box) => box.scrollBy({ top: 300 }));
        await expect(line).toBeInViewport({ timeout: 200 });
      }).toPass();
      const before = await topOf(page, `Line ${n}.`);
      await page.waitForLoadState("networkidle");
      expect(Math.abs((await topOf(page, `Line ${n}.`)) - before)).toBeLessThan(4);
    }
  });

  await test.step("what somebody writes meanwhile waits at its place, and there is never a hole", async () => {
    await api.post(`/conversations/${id}/notes`, { text: "Said meanwhile." });
    await expect(conversation(page).getByRole("button", { name: /New message|To the newest/ })).toBeVisible();
    await expect(log(page).getByText("Said meanwhile.")).toHaveCount(0);
    await expect(async () => {
      await log(page).evaluate((box) => box.scrollTo({ top: 0 }));
      await expect(log(page).getByText("Said meanwhile.")).toBeInViewport({ timeout: 300 });
    }).toPass();
    const lines = await log(page).getByText(/^Line \d+\.$/).allInnerTexts();
    const numbers = lines.map((line) => Number(/\d+/.exec(line)?.[0]));
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => (numbers[0] ?? 0) + at));
    expect(numbers.at(-1)).toBe(NOTES - 1);
  });

  await test.step("back to the first word", async () => {
    await expect(async () => {
      await log(page).evaluate((box) => box.scrollTo({ top: -box.scrollHeight }));
      await expect(log(page).getByText("The very first word")).toBeInViewport({ timeout: 300 });
    }).toPass();
  });

  await test.step("one's own word is shown, wherever one was reading", async () => {
    await page.goto(`${inbox().url}/all/${id}?entry=${notes[10]}`);
    await expect(log(page).locator("[data-sought]")).toBeFocused();
    await page.keyboard.press("m");
    await page.keyboard.type("From the past");
    await page.keyboard.press("Control+Enter");
    await expect(log(page).getByText("From the past")).toBeInViewport();
    await expect(log(page).getByText("Line 10.", { exact: true })).toHaveCount(0);
  });

  await test.step("a link to what is not there says so, and shows the newest", async () => {
    await page.goto(`${inbox().url}/all/${id}?entry=note_00000000000000000000000000`);
    await expect(page.getByText("What the link leads to is not in this conversation.")).toBeVisible();
    await expect(log(page).getByText("From the past")).toBeInViewport();
  });
});
