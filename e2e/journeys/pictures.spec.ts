import { fileURLToPath } from "node:url";
import { expectNoAxe } from "../fixtures/axe.ts";
import { Api } from "../fixtures/api.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { picture } from "../fixtures/picture.ts";

const inbox = demoForThisFile();

test("a picture is made square and small, is seen by the others at once, and is taken away again", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/settings/people");
  const ana = await openAs(inbox(), ANA, "/settings/profile");
  const face = sam.getByRole("row", { name: /Ana Ruiz/ }).getByRole("img", { name: "Ana Ruiz" });
  await expect(face).toBeVisible();
  await expect(face.locator("img")).toHaveCount(0);

  await ana
    .getByLabel("Picture", { exact: true })
    .and(ana.locator("input"))
    .setInputFiles({ name: "me.png", mimeType: "image/png", buffer: Buffer.from(picture(640, 360)) });
  await expect(ana.getByText("This is your picture now")).toBeVisible();
  await expect(face.locator("img")).toBeVisible();
  expect(await face.locator("img").evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight])).toEqual([
    256, 256,
  ]);
  const people = await new Api(sam).get<{ data: { name: string; picture_id: string | null }[] }>("/users");
  expect(people.data.find(({ name }) => name === "Ana Ruiz")?.picture_id).toMatch(/^file_/);
  await expectNoAxe(ana, "pictures");

  await test.step("what is no picture is refused with a way on, and the one before stays", async () => {
    await ana
      .getByLabel("Picture", { exact: true })
      .and(ana.locator("input"))
      .setInputFiles(fileURLToPath(import.meta.url));
    await expect(ana.getByRole("alert")).toContainText("Choose a PNG, a JPEG or a WebP");
    await expect(face.locator("img")).toBeVisible();
  });

  await ana.getByRole("button", { name: "Take it away" }).click();
  await expect(ana.getByRole("button", { name: "Choose a picture" })).toBeFocused();
  await expect(face.locator("img")).toHaveCount(0);
  await expect(face).toBeVisible();
});
