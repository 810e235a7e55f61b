import { Api } from "../fixtures/api.ts";
import { expectNoAxe } from "../fixtures/axe.ts";
import { MAYA, WEST_LINE, WREN } from "../fixtures/carrier.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { picture } from "../fixtures/picture.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { conversation, entry, open, replyBox, rows } from "../fixtures/screen.ts";

const inbox = demoForThisFile();
const LIST = "Canned responses";

test("one is written and used by keyboard alone, asks for what it lacks, and is on the phone", async ({ openAs }) => {
  // five screens are looked at, each in both themes
  test.setTimeout(120_000);
  const sam = await openAs(inbox(), SAM, "/settings/canned/new");
  const ana = await openAs(inbox(), ANA, "/all");

  await test.step("it is written in the settings", async () => {
    await expect(sam.getByLabel("Name", { exact: true })).toBeFocused();
    await sam.keyboard.type("Plumber");
    await expect(sam.getByLabel("Shortcut")).toHaveValue("plumber");
    await sam.keyboard.press("Tab");
    await sam.keyboard.press("Tab");
    await expect(sam.getByRole("textbox", { name: "Text", exact: true })).toBeFocused();
    await sam.keyboard.type("Hello");
    await sam.keyboard.press("Tab");
    await expect(sam.getByRole("button", { name: "Contact’s first name" })).toBeFocused();
    await sam.keyboard.press("Enter");
    await sam.keyboard.type(", the plumber comes on {{ visit.day }} at {{ visit.hour }}. Reply YES if that suits you.");
  });

  await test.step("it is shown filled in, with what it will ask for, and the word that it must not ask for", async () => {
    const preview = sam.getByRole("region", { name: "Preview" });
    await expect(preview).toContainText("Hello Maya, the plumber comes on {{ visit.day }}");
    await expect(preview).toContainText("Asked for when it is used: Visit day and Visit hour");
    await expect(preview).toContainText("1 segment");
    await expect(sam.getByText(/To the network “YES” means/)).toBeVisible();
    await expectNoAxe(sam, "writing a canned response");
    const text = sam.getByRole("textbox", { name: "Text", exact: true });
    const whole = await text.inputValue();
    for (const _ of " Reply YES if that suits you.") await sam.keyboard.press("Backspace");
    await expect(sam.getByText(/To the network “YES” means/)).toBeHidden();
    await expect(text).toHaveValue(whole.replace(" Reply YES if that suits you.", ""));
    // on past the variables, the files and the email
    const save = sam.getByRole("button", { name: "Save" });
    for (let presses = 0; presses < 20; presses += 1) {
      if (await save.evaluate((button) => button === document.activeElement)) break;
      await sam.keyboard.press("Tab");
    }
    await expect(save).toBeFocused();
    await sam.keyboard.press("Enter");
    await expect(sam.getByRole("link", { name: "Plumber" })).toBeVisible();
    await expectNoAxe(sam, "canned responses");
  });

  await test.step("a colleague has it at once: the slash finds it by its letters", async () => {
    await inbox().carrier.text(MAYA, WEST_LINE, "When does the plumber come?");
    await open(ana, "When does the plumber come?");
    await ana.keyboard.press("r");
    await ana.keyboard.type("Thanks for asking! /plu");
    const list = ana.getByRole("listbox", { name: LIST });
    await expect(list.getByRole("option", { name: /Plumber/ })).toHaveAttribute("aria-selected", "true");
    await expect(replyBox(ana)).toBeFocused();
    await ana.keyboard.press("Alt+Enter");
    await expect(ana.getByRole("status", { name: "Preview" })).toContainText("Hello Maya, the plumber");
    await expectNoAxe(ana, "the list of canned responses");
    await ana.keyboard.press("Enter");
  });

  await test.step("what is missing is asked for, field by field", async () => {
    const form = ana.getByRole("dialog", { name: "Plumber" });
    await expect(form.getByLabel("Visit day")).toBeFocused();
    await expectNoAxe(ana, "the form for what is missing");
    await ana.keyboard.press("Enter");
    await ana.keyboard.press("Enter");
    await expect(form.getByText("Write something here.").first()).toBeVisible();
    await expect(form.getByLabel("Visit day")).toBeFocused();
    await ana.keyboard.type("Monday");
    await ana.keyboard.press("Enter");
    await expect(form.getByLabel("Visit hour")).toBeFocused();
    await ana.keyboard.type("ten");
    await expect(form).toContainText("comes on Monday at ten.");
    await ana.keyboard.press("Enter");
    await expect(form).toBeHidden();
  });

  const said = "Thanks for asking! Hello Maya, the plumber comes on Monday at ten.";
  await test.step("it stands in the reply in place of the slash, is counted, and goes out", async () => {
    await expect(replyBox(ana)).toHaveValue(said);
    await expect(replyBox(ana)).toBeFocused();
    await expect(conversation(ana).getByText(`${said.length} / 160 · 1 segment`)).toBeVisible();
    await ana.keyboard.press("Control+Enter");
    await expect.poll(() => inbox().carrier.shownOn(MAYA, said)).toHaveLength(1);
    await sam.reload();
    await expect(sam.getByRole("row", { name: /Plumber/ })).toContainText("1 time");
  });
});

test("the slash stays a slash for whoever wants one", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  await inbox().carrier.text(WREN, WEST_LINE, "Is it a or b?");
  await open(page, "Is it a or b?");
  await page.keyboard.press("r");
  const list = page.getByRole("listbox", { name: LIST });
  await page.keyboard.type("/");
  await expect(list.getByRole("option").first()).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await expect(list.getByRole("option").nth(1)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Escape");
  await expect(list).toBeHidden();
  await expect(replyBox(page)).toBeFocused();
  await page.keyboard.type("nothing is called that");
  await expect(list).toBeHidden();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("Both, and/or neither 1/2");
  await expect(list).toBeHidden();
  await expect(replyBox(page)).toHaveValue("Both, and/or neither 1/2");
  await replyBox(page).fill("");
  await page.keyboard.press("m");
  await page.keyboard.type("/ho");
  await expect(list).toBeHidden();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Backspace");
});

test("its files go with it, and the palette puts it in too", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/settings/canned/new");
  await page.getByLabel("Name", { exact: true }).fill("The way here");
  await page.getByRole("textbox", { name: "Text", exact: true }).fill("This is the way.");
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name: "way.png", mimeType: "image/png", buffer: Buffer.from(picture(40, 30)) });
  await expect(page.getByRole("region", { name: "Preview" }).getByText("way.png")).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("link", { name: "The way here" })).toBeVisible();

  await inbox().carrier.text(WREN, WEST_LINE, "Where are you?");
  await page.goto(`${inbox().url}/all`);
  await open(page, "Where are you?");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("insert the way");
  await page.keyboard.press("Enter");
  await expect(replyBox(page)).toHaveValue("This is the way.");
  await expect(conversation(page).getByText("way.png")).toBeVisible();
  await page.keyboard.press("Control+Enter");
  await expect(entry(page, "This is the way.").getByRole("img")).toBeVisible();
  await expect.poll(async () => (await inbox().carrier.state()).messages.at(-1)?.media.length).toBe(1);
});

test("somebody who is not texted yet gets one too", async ({ openAs, watch }) => {
  watch.expect(/status of 409 .*\/conversations$/);
  const page = await openAs(inbox(), SAM, "/all");
  await expect(rows(page).first()).toBeVisible();
  await page.keyboard.press("c");
  const dialog = page.getByRole("dialog", { name: "New conversation" });
  await dialog.getByLabel("To").fill("(415) 555-0177");
  await dialog.getByLabel("Name").fill("Dr. Iris Vance");
  await dialog.getByRole("textbox", { name: "Message" }).focus();
  await page.keyboard.type("/callme");
  await expect(page.getByRole("listbox", { name: LIST }).getByRole("option")).toHaveCount(1);
  await expectNoAxe(page, "the list in a new conversation");
  await page.keyboard.press("Escape");
  await expect(dialog, "Escape closes the list and not the dialog").toBeVisible();
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Enter");
  const said = "It is easier to talk this through. May I call you at (415) 555-0177 this afternoon? Sam";
  await expect(dialog.getByRole("textbox", { name: "Message" })).toHaveValue(said);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("/tour");
  await page.keyboard.press("Enter");
  const form = page.getByRole("dialog", { name: "See an apartment" });
  await expect(form.getByLabel("Unit")).toBeFocused();
  await page.keyboard.type("Apartment 12");
  await page.keyboard.press("Enter");
  await page.keyboard.type("Friday");
  await page.keyboard.press("Enter");
  await page.keyboard.type("5:30");
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("textbox", { name: "Message" })).toHaveValue(/^Hi Iris! Apartment 12 is free to see on Friday at 5:30\./);
  const before = await usesOf(new Api(page), "tour");
  await page.keyboard.press("Control+Enter");
  await dialog.getByLabel("How did they agree to texts?").fill("Asked us by phone");
  await page.keyboard.press("Control+Enter");
  await expect(dialog).toBeHidden();
  await expect.poll(() => usesOf(new Api(page), "tour")).toBe(before + 1);
});

async function usesOf(api: Api, shortcut: string): Promise<number> {
  const { data } = await api.get<{ data: { shortcut: string; uses: number }[] }>("/canned_responses");
  return data.find((each) => each.shortcut === shortcut)?.uses ?? -1;
}
