import { MAYA, WEST_LINE } from "../fixtures/carrier.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { SAM } from "../fixtures/people.ts";
import { conversation, entry, open, replyBox, row, thread } from "../fixtures/screen.ts";
import { picture } from "../fixtures/picture.ts";

const inbox = demoForThisFile();
/** The composer's own bound: what every provider takes at most. */
const MOST_BYTES = 5_000_000;

test("a picture from the phone is seen in the thread, and marked in the list", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  await inbox().carrier.picture(MAYA, WEST_LINE, "This is the puddle", picture(32, 24));
  await open(page, "This is the puddle");
  const image = entry(page, "This is the puddle").getByRole("img");
  await expect(image).toBeVisible();
  await expect
    .poll(() => image.evaluate((element: HTMLImageElement) => [element.naturalWidth, element.naturalHeight]))
    .toEqual([32, 24]);
  await expect(row(page, "This is the puddle").getByRole("img", { name: "attachment" })).toBeVisible();
});

test("a picture goes out by upload and by paste, and is on the phone", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  await inbox().carrier.text(MAYA, WEST_LINE, "Which valve is it?");
  await open(page, "Which valve is it?");

  await conversation(page)
    .locator('input[type="file"]')
    .setInputFiles({ name: "valve.png", mimeType: "image/png", buffer: Buffer.from(picture(40, 30)) });
  await expect(conversation(page).getByText("valve.png")).toBeVisible();

  // A paste as the browser makes it of a copied picture.
  await replyBox(page).focus();
  await replyBox(page).evaluate(
    (box, bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
      box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    },
    [...picture(20, 20)],
  );
  await expect(conversation(page).getByText("pasted.png")).toBeVisible();
  await conversation(page).getByRole("button", { name: "Remove pasted.png" }).click();
  await expect(conversation(page).getByText("pasted.png")).toBeHidden();

  await replyBox(page).fill("The red one, as here.");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(entry(page, "The red one, as here.").getByRole("img", { name: "valve.png" })).toBeVisible();
  await expect(entry(page, "The red one, as here.")).toContainText("delivered", { timeout: 20_000 });
  const phone = (await inbox().carrier.state()).messages.findLast(({ text }) => text === "The red one, as here.");
  expect(phone?.media).toHaveLength(1);
  expect(phone?.media[0]?.content_type).toBe("image/png");
});

test("what no phone can take is refused before it is sent", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  await open(page, "Olu Bankole");
  const files = conversation(page).locator('input[type="file"]');
  await files.setInputFiles({ name: "film.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(MOST_BYTES + 1) });
  await expect(page.getByText("film.mp4 is over 5 MB, more than texts can carry.")).toBeVisible();
  await files.setInputFiles({ name: "setup.exe", mimeType: "application/x-msdownload", buffer: Buffer.from("MZ") });
  await expect(page.getByText("setup.exe is of a kind that phones can’t show.")).toBeVisible();
  await expect(conversation(page).getByRole("button", { name: /^Remove/ })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();
  await expect(thread(page).getByRole("img", { name: /film|setup/ })).toHaveCount(0);
});
