import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { expectNoAxe } from "../fixtures/axe.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { conversation, open, row, rows } from "../fixtures/screen.ts";

const inbox = demoForThisFile();

test("somebody joins by a link that works once", async ({ openAs, browser }) => {
  const sam = await openAs(inbox(), SAM, "/settings/people");
  await sam.getByRole("button", { name: "Invite" }).click();
  await sam.getByRole("textbox", { name: "Email" }).fill("noor@harborpine.example");
  await expect(sam.getByText("Mail is not set up")).toBeVisible();
  await sam.getByRole("checkbox", { name: /West/ }).check();
  await sam.getByRole("button", { name: "Make the link" }).click();
  const link = await sam.getByText(/\/join\/[0-9a-f]{64}$/).innerText();

  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "Join Harbor & Pine" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Email" })).toHaveValue("noor@harborpine.example");
  await expectNoAxe(page, "people");
  await page.getByRole("textbox", { name: "Your name" }).fill("Noor Haddad");
  await page.getByLabel("Password", { exact: true }).fill("seven green kettles");
  await page.getByRole("button", { name: "Join" }).click();
  await expect(rows(page).first()).toBeVisible();

  await sam.getByRole("button", { name: "Done" }).click();
  await expect(sam.getByRole("link", { name: "Noor Haddad" })).toBeVisible();
  await context.clearCookies();
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "This invitation is over" })).toBeVisible();
  await context.close();
});

test("a profile is one's own, a colleague sees who is away, and a browser is signed out from another", async ({
  openAs,
  watch,
}) => {
  // what the phone asks in the moment in which it is signed out
  watch.expect(/status of 401/, /WebSocket connection to/);
  const ana = await openAs(inbox(), ANA, "/settings/profile");
  const phone = await openAs(inbox(), ANA, "/all");
  const sam = await openAs(inbox(), SAM, "/settings/people");
  await expectNoAxe(ana, "people");
  const back = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 16);
  await ana.getByLabel("Out of office until").fill(back);
  await ana.getByRole("button", { name: "Save" }).click();
  await expect(sam.getByRole("row", { name: /Ana Ruiz/ })).toContainText("away until");
  await ana.getByRole("button", { name: "I am back" }).click();
  await ana.getByRole("button", { name: "Save" }).click();
  await expect(sam.getByRole("row", { name: /Ana Ruiz/ })).not.toContainText("away until");

  await ana.reload();
  await expect(ana.getByText("this one")).toBeVisible();
  const others = ana.getByRole("row").filter({ hasNotText: "this one" }).getByRole("button", { name: "Sign out there" });
  for (let left = await others.count(); left > 0; left -= 1) {
    await others.first().click();
    await expect(others).toHaveCount(left - 1);
  }
  await expect(phone.getByRole("heading", { name: "Harbor & Pine" })).toBeVisible();
  await expect(phone.getByLabel("Password", { exact: true })).toBeVisible();
});

test("a member of a team may only observe", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/settings/teams");
  const edit = async () => sam.getByRole("link", { name: "West" }).click();
  const observes = sam.getByRole("checkbox", { name: "Only observes: Ana Ruiz" });
  await edit();
  await sam.getByRole("checkbox", { name: /^Ana Ruiz/ }).check();
  await observes.check();
  await expectNoAxe(sam, "a team with an observer");
  await sam.getByRole("button", { name: "Save" }).click();
  await expect(sam.getByText("Saved")).toBeVisible();
  await edit();
  await expect(observes).toBeChecked();
  await sam.getByRole("checkbox", { name: /^Ana Ruiz/ }).uncheck();
  await expect(observes).toHaveCount(0);
  await sam.getByRole("checkbox", { name: /^Ana Ruiz/ }).check();
  await expect(observes).not.toBeChecked();
});

test("who leaves hands over what they were on", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/all");
  await open(sam, "Noor Aziz");
  await sam.keyboard.press("a");
  await sam.getByRole("menuitem", { name: /Tom Hale/ }).click();
  await expect(conversation(sam).getByRole("button", { name: /^Assigned to Tom Hale/ })).toBeVisible();
  const ana = await openAs(inbox(), ANA, "/mine");

  await sam.goto(`${inbox().url}/settings/people`);
  await sam.getByRole("link", { name: "Tom Hale" }).click();
  await sam.getByRole("button", { name: "Deactivate" }).click();
  const dialog = sam.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "What they are on goes to" }).fill("ana");
  await dialog.getByRole("option", { name: /Ana Ruiz/ }).click();
  await dialog.getByRole("button", { name: "Deactivate" }).click();
  await expect(row(ana, "Noor Aziz")).toBeVisible();
  await expect(sam.getByText("They can’t sign in. What they wrote stays.")).toBeVisible();
});

test("the workspace is changed by its owner, and everybody sees it", async ({ openAs }) => {
  const ana = await openAs(inbox(), ANA, "/all");
  const sam = await openAs(inbox(), SAM, "/settings/general");
  await expectNoAxe(sam, "people");
  await sam.getByRole("textbox", { name: "Name" }).fill("Harbor, Pine & Sons");
  await sam.getByRole("button", { name: "Save" }).click();
  await expect(sam.getByText("Saved")).toBeVisible();
  await expect(ana.getByText("Harbor, Pine & Sons", { exact: true })).toBeVisible();
});
