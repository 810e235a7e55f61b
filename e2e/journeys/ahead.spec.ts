import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { conversation, rows, selectedRow, thread } from "../fixtures/screen.ts";

const inbox = demoForThisFile();
const ENTRIES = /\/conversations\/(conv_[^/]+)\/entries/;

test("the neighbours of what is open are brought ahead of time: a key needs no network, and nobody is told of it", async ({
  openAs,
  watch,
}) => {
  // the network is taken away on purpose
  watch.expect(/Failed to load resource/, /WebSocket/);
  const page = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/all");
  const asked: string[] = [];
  const brought = new Set<string>();
  page.on("request", (request) => {
    if (request.method() !== "GET") asked.push(new URL(request.url()).pathname);
  });
  page.on("response", (response) => {
    const id = ENTRIES.exec(response.url())?.[1];
    if (id) brought.add(id);
  });
  await page.reload();
  await expect(rows(page).first()).toBeVisible();
  await page.keyboard.press("j");
  await expect(thread(page).getByRole("article").first()).toBeVisible();
  const ids = await rows(page).evaluateAll((all) => all.map((row) => row.id.replace("row-", "")));
  const [first = "", second = "", third = ""] = ids;
  await expect.poll(() => [...brought]).toEqual(expect.arrayContaining([first, second, third]));
  const name = (await rows(page).nth(1).locator("span").first().innerText()).trim();
  expect(asked.filter((path) => !path.includes(first)), "nothing is written of what nobody has opened").toEqual([]);
  const reads = ana.locator('svg[aria-label="Sam Park"]');
  await expect(rows(ana).filter({ has: reads })).toBeVisible();
  await expect(reads, "Sam is seen at the one that is open only").toHaveCount(1);

  await page.context().setOffline(true);
  await page.keyboard.press("j");
  await expect(conversation(page).getByRole("heading", { level: 2 })).toHaveText(name);
  await expect(thread(page).getByRole("article").first()).toBeVisible();
  await expect(selectedRow(page)).toHaveAttribute("aria-posinset", "2");
  await page.context().setOffline(false);
});
