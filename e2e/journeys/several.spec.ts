import { Api } from "../fixtures/api.ts";
import { expectNoAxe } from "../fixtures/axe.ts";
import { MAYA, WEST_LINE, WREN } from "../fixtures/carrier.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { SAM } from "../fixtures/people.ts";
import { rows } from "../fixtures/screen.ts";

const inbox = demoForThisFile();
const NEWCOMER = "+14155550178";
const TEXT = "The office is closed on Monday.";

test("several people are written to one by one: each has an outcome, and nobody gets it twice", async ({
  openAs,
  watch,
}) => {
  watch.expect(/status of (409|422) .*\/conversations$/);
  await inbox().carrier.newPhone(NEWCOMER, "Newcomer");
  await inbox().carrier.text(MAYA, WEST_LINE, "Are you open on Monday?");
  await inbox().carrier.text(WREN, WEST_LINE, "STOP");
  const page = await openAs(inbox(), SAM, "/all");
  await expect(rows(page).first()).toBeVisible();
  const api = new Api(page);
  const [maya, wren] = [await api.conversationWith(MAYA), await api.conversationWith(WREN)];
  const [mayas, wrens] = [maya.contact.name ?? MAYA, wren.contact.name ?? WREN];
  await expect.poll(async () => (await api.conversationWith(WREN)).opted_out).toBe(true);
  await page.keyboard.press("c");
  const dialog = page.getByRole("dialog", { name: "New conversation" });
  const to = dialog.getByRole("combobox", { name: "To", exact: true });
  const people = dialog.getByRole("list", { name: "People" });
  const who = (name: string) => people.getByRole("listitem").filter({ hasText: name });

  await test.step("contacts are found by name, numbers are typed", async () => {
    for (const name of [mayas, wrens]) {
      await to.fill(name);
      await expect(dialog.getByRole("option", { name })).toBeVisible();
      await expectNoAxe(page, "contacts that are offered");
      await to.press("ArrowDown");
      await to.press("Enter");
      await expect(who(name)).toBeVisible();
      await expect(to).toHaveValue("");
    }
    await to.fill("555");
    await to.press("Enter");
    await expect(to).toHaveAccessibleDescription(/Write the whole number/);
    await to.fill("(415) 555-0178");
    await to.press("Enter");
    await expect(people.getByRole("listitem")).toHaveCount(3);
    await to.fill("415 555 0178");
    await to.press("Enter");
    await expect(people.getByRole("listitem"), "nobody is there twice").toHaveCount(3);
  });

  await test.step("each has an outcome; what it is gets asked where it matters", async () => {
    await dialog.getByRole("textbox", { name: "Message" }).fill(TEXT);
    await dialog.getByRole("button", { name: "Send to 3 people" }).click();
    await expect(who(mayas)).toContainText("on its way");
    await expect(who(wrens)).toContainText(/STOP/);
    await expect(who("555-0178")).toContainText("never wrote");
    const asked = dialog.getByRole("alert").filter({ hasText: "They have never written to you" });
    await expect(asked.getByRole("radio", { name: /An update they asked for/ })).toBeChecked();
    await expectNoAxe(page, "outcomes");
    await asked.getByRole("radio", { name: /Marketing/ }).check();
    await expect(asked.getByLabel("How did they agree to texts?")).toHaveCount(0);
    await asked.getByRole("radio", { name: /An update they asked for/ }).check();
    await asked.getByLabel("How did they agree to texts?").fill("Asked at the desk");
    await dialog.getByRole("button", { name: "They agreed, send it" }).click();
    await expect(who("555-0178")).toContainText("on its way");
  });

  await test.step("who can't be written to is left out, and the others have it once", async () => {
    await dialog.getByRole("button", { name: `Leave out ${wrens}` }).click();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await expect(dialog).toBeHidden();
    for (const number of [MAYA, NEWCOMER])
      await expect.poll(() => inbox().carrier.shownOn(number, TEXT), { timeout: 20_000 }).toHaveLength(1);
    expect(await inbox().carrier.shownOn(WREN, TEXT)).toEqual([]);
  });
});
