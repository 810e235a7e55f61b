import { MAYA, WEST_LINE } from "../fixtures/carrier.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { Line } from "../fixtures/line.ts";
import { SAM } from "../fixtures/people.ts";
import { entry, open, replyBox, row, rows, thread } from "../fixtures/screen.ts";

const inbox = demoForThisFile();

/** Texts of a numbered run, in the order in which a thread shows them. */
const RUN = /^Number \d+ of this run$/;

test("a cut connection is said after a moment, and what came meanwhile appears once and in order", async ({
  openAs,
  watch,
}) => {
  watch.expect(
    /ERR_(CONNECTION_RESET|EMPTY_RESPONSE|CONNECTION_REFUSED|SOCKET_NOT_CONNECTED)/,
    /WebSocket connection to/,
  );
  const line = await Line.to(inbox().url);
  const page = await openAs(line, SAM, "/all");
  await inbox().carrier.text(MAYA, WEST_LINE, "Number 1 of this run");
  await open(page, "Number 1 of this run");
  await replyBox(page).fill("A reply that is not finished");

  const lost = page.getByText("No connection. Trying again…");
  line.cut();
  const cutAt = Date.now();
  await expect(lost).toBeVisible();
  expect(Date.now() - cutAt, "a hiccup is not worth a word").toBeGreaterThanOrEqual(2_900);

  for (const number of [2, 3, 4, 5]) await inbox().carrier.text(MAYA, WEST_LINE, `Number ${number} of this run`);
  await inbox().carrier.text("+16505550119", WEST_LINE, "Somebody else wrote meanwhile");
  await expect(thread(page).getByText(RUN)).toHaveCount(1);
  await expect(replyBox(page)).toHaveValue("A reply that is not finished");

  line.mend();
  await expect(page.getByText("Connected again, all caught up")).toBeVisible({ timeout: 35_000 });
  await expect(thread(page).getByText(RUN)).toHaveText([1, 2, 3, 4, 5].map((number) => `Number ${number} of this run`));
  // The list is scrolled down, so that it does not move under the reader: what is new waits behind a button.
  await page.getByRole("button", { name: "1 new" }).click();
  await expect(row(page, "Somebody else wrote meanwhile")).toHaveCount(1);
  await expect(row(page, "Number 5 of this run")).toHaveCount(1);
  await expect(lost).toBeHidden();

  await test.step("texts that come after it appear once, too", async () => {
    await inbox().carrier.text(MAYA, WEST_LINE, "Number 6 of this run");
    await expect(thread(page).getByText(RUN)).toHaveCount(6);
  });

  await test.step("a reload keeps the unfinished reply", async () => {
    await page.reload();
    await expect(replyBox(page)).toHaveValue("A reply that is not finished");
    await expect(thread(page).getByText(RUN)).toHaveCount(6);
  });
  await line.close();
});

test("a send that can't reach the server keeps the text, and sent again goes out once", async ({ openAs, watch }) => {
  watch.expect(
    /ERR_(CONNECTION_RESET|EMPTY_RESPONSE|CONNECTION_REFUSED|SOCKET_NOT_CONNECTED)/,
    /WebSocket connection to/,
  );
  const line = await Line.to(inbox().url);
  const page = await openAs(line, SAM, "/all");
  await inbox().carrier.text(MAYA, WEST_LINE, "When does the office close?");
  await open(page, "When does the office close?");
  await replyBox(page).fill("At six today.");
  line.cut();
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText("Not sent: the server can’t be reached. Your text is kept.")).toBeVisible();
  await expect(replyBox(page)).toHaveValue("At six today.");
  line.mend();
  await page.keyboard.press("Control+Enter");
  await expect(entry(page, "At six today.")).toHaveCount(1);
  await expect(replyBox(page)).toHaveValue("");
  await line.close();
});

test("a server that crashes and comes back is caught up with: nothing is lost and nothing is there twice", async ({
  openAs,
  watch,
}) => {
  watch.expect(
    /ERR_(CONNECTION_RESET|EMPTY_RESPONSE|CONNECTION_REFUSED|SOCKET_NOT_CONNECTED)/,
    /WebSocket connection to/,
  );
  const page = await openAs(inbox(), SAM, "/all");
  await inbox().carrier.text(MAYA, WEST_LINE, "Written before the crash");
  await open(page, "Written before the crash");
  const before = await rows(page).count();
  await inbox().kill();
  await expect(page.getByText("No connection. Trying again…")).toBeVisible();
  await inbox().restart();
  await expect(page.getByText("Connected again, all caught up")).toBeVisible({ timeout: 35_000 });
  await inbox().carrier.text(MAYA, WEST_LINE, "Written after the crash");
  await expect(thread(page).getByText("Written after the crash")).toHaveCount(1);
  await expect(thread(page).getByText("Written before the crash")).toHaveCount(1);
  await expect(rows(page)).toHaveCount(before);
});
