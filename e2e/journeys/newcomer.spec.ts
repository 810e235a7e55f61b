import { ACCOUNT, MAINTENANCE_LINE, MAYA, WEST_LINE, WREN } from "../fixtures/carrier.ts";
import { emptyInboxForThisFile, expect, test } from "../fixtures/journey.ts";
import { conversation, entry, open, replyBox, row, thread } from "../fixtures/screen.ts";
import { fillAccount, fillSetup, goOn, OWNER } from "../fixtures/wizard.ts";

const inbox = emptyInboxForThisFile();
// The second test needs the workspace of the first.
test.describe.configure({ mode: "serial" });

test("a newcomer sets up, connects a number, is texted, takes it, notes, answers, and sees it delivered", async ({
  page,
  watch,
}) => {
  test.setTimeout(90_000);
  // A field that the server refuses, and credentials that the carrier refuses.
  watch.expect(/status of 422 .*\/(setup|connections\/verify)$/);

  await test.step("an empty server leads to the set-up, which says what is wrong at the field", async () => {
    await page.goto(inbox().url);
    await expect(page).toHaveURL(/\/setup$/);
    await expect(page.getByRole("complementary", { name: "This server" }).getByText("Storage")).toBeVisible();
    const make = page.getByRole("button", { name: /Make the workspace/ });
    await make.click();
    await expect(page.getByLabel("Business name")).toBeFocused();
    await expect(page.getByLabel("Business name")).toHaveAccessibleDescription(/what your business is called/);
    await fillSetup(page);
    await page.getByLabel("Your email").fill("robin at harborpine");
    await make.click();
    await expect(page.getByLabel("Your email")).toHaveAccessibleDescription(/email/i);
    await expect(page.getByLabel("Your email")).toBeFocused();
    await page.getByLabel("Your email").fill(OWNER.email);
    await page.getByLabel("Password", { exact: true }).fill("short");
    await make.click();
    await expect(page.getByLabel("Password", { exact: true })).toHaveAccessibleDescription(/at least 10 characters/);
    await page.getByLabel("Password", { exact: true }).fill(OWNER.password);
    await make.click();
    await expect(page).toHaveURL(/\/settings\/channels\/new\/kind$/);
  });

  await test.step("the wizard refuses a wrong token with the carrier's reason, and takes the right one", async () => {
    await expect(page.getByRole("radio", { name: /Texts/ })).toBeChecked();
    await goOn(page, /Go on/, "provider");
    await expect(page.getByRole("radio", { name: /Twilio/ })).toBeChecked();
    await goOn(page, /Go on/, "connect");
    await page.getByLabel("Account SID").fill("AC123");
    await page.getByRole("button", { name: /Check with/ }).click();
    await expect(page.getByLabel("Account SID")).toHaveAccessibleDescription(/it looks like/);
    await fillAccount(page, inbox());
    await page.getByLabel("Auth token", { exact: false }).first().fill("0".repeat(32));
    await page.getByRole("button", { name: /Check with/ }).click();
    await expect(page.getByRole("alert").first()).toBeVisible();
    await expect(page).toHaveURL(/\/connect$/);
    await fillAccount(page, inbox());
    await goOn(page, /Check with/, "numbers");
  });

  await test.step("the account's name is the proof, and its numbers can be chosen", async () => {
    await expect(page.getByText(ACCOUNT.name)).toBeVisible();
    const numbers = page.getByRole("row").filter({ has: page.getByRole("checkbox") });
    await expect(numbers).toHaveCount(3);
    await expect(page.getByRole("button", { name: /^Connect/ })).toBeDisabled();
    await page.getByRole("checkbox", { name: "(415) 555-0100" }).check();
    await page.getByRole("checkbox", { name: "(628) 555-0146" }).check();
    await expect(page.getByText("2 of 3 chosen")).toBeVisible();
    await page.getByRole("checkbox", { name: "(628) 555-0146" }).uncheck();
    await expect(page.getByText("What changes at Twilio when you go on")).toBeVisible();
    await goOn(page, /Connect 1 number/, "route");
    await expect(page.getByText("connected", { exact: true })).toBeVisible();
    await page.getByLabel("Name").fill("Front desk");
    await goOn(page, /Go on to the test/, "test");
  });

  await test.step("the test step waits for the first text and shows it come in", async () => {
    await expect(page.getByText("Waiting for the first text…")).toBeVisible();
    await inbox().carrier.text(WREN, WEST_LINE, "Is this the office?");
    await expect(page.getByText("It arrived. Front desk works.")).toBeVisible();
    await expect(page.getByText("Is this the office?")).toBeVisible();
    await page.getByRole("button", { name: /Done/ }).click();
    await expect(page).toHaveURL(/\/settings\/channels/);
    // The number that was not chosen stays as it was.
    const { numbers } = await inbox().carrier.state();
    expect(numbers.find(({ phone_number }) => phone_number === MAINTENANCE_LINE)?.sms_url).toBe("");
  });

  await page.goto(`${inbox().url}/unassigned`);
  await expect(row(page, "Is this the office?")).toBeVisible();

  await test.step("a text written on a phone's own page arrives without reload", async () => {
    const phones = await page.context().newPage();
    await phones.goto(inbox().carrier.url);
    const maya = phones.getByRole("region", { name: /Maya/ });
    await maya.getByRole("combobox").selectOption(WEST_LINE);
    await maya.getByRole("textbox").fill("Hello, is the flat on Alder Street still free?");
    await maya.getByRole("textbox").press("Enter");
    await expect(maya.getByText("Hello, is the flat on Alder Street still free?")).toBeVisible();
    await expect(row(page, "is the flat on Alder Street still free?")).toBeVisible();
    await expect(row(page, "is the flat on Alder Street still free?")).toContainText("unread");
  });

  await test.step("it is taken, and a note stays inside", async () => {
    await open(page, "is the flat on Alder Street still free?");
    await page.keyboard.press("i");
    await expect(conversation(page).getByRole("button", { name: /^Assigned to Robin Sandoval/ })).toBeVisible();
    await expect(thread(page).getByText("You took it")).toBeVisible();
    await page.keyboard.press("m");
    await page.keyboard.insertText("4B is free from December.");
    await page.keyboard.press("Control+Enter");
    await expect(entry(page, "4B is free from December.")).toContainText("only the team sees this");
  });

  await test.step("the answer is on the phone, and its delivery in the thread", async () => {
    await replyBox(page).fill("Yes, 4B is free from December 1. Would you like to see it?");
    await page.keyboard.press("Control+Enter");
    await expect(page.getByText("Goes out to")).toBeVisible();
    await expect(entry(page, "Would you like to see it?")).toContainText("delivered", { timeout: 20_000 });
    expect(await inbox().carrier.shownOn(MAYA)).toEqual(["Yes, 4B is free from December 1. Would you like to see it?"]);
    const phones = page.context().pages()[1];
    await expect(
      phones?.getByRole("region", { name: /Maya/ }).getByText("Would you like to see it?") ?? page.locator("nothing"),
    ).toBeVisible();
  });
});

test("the set-up page is closed for good once the workspace exists", async ({ page }) => {
  await page.goto(`${inbox().url}/setup`);
  await expect(page).toHaveURL(/\/sign-in$/);
  const again = await page.request.post(`${inbox().url}/api/v1/setup`, {
    data: { workspace_name: "Another", name: "Somebody", email: "x@y.example", password: "long enough, this" },
  });
  expect(again.status()).toBeGreaterThanOrEqual(400);
});
