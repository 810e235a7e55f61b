import { expectNoAxe } from "../fixtures/axe.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { HAS_MAIL_SERVER, linkTo, MAIL_OPTIONS, mailbox } from "../fixtures/mailbox.ts";
import { SAM } from "../fixtures/people.ts";
import { rows } from "../fixtures/screen.ts";

test.skip(!HAS_MAIL_SERVER, 'needs a mail server: eval "$(scripts/mta.sh start)", as root');

const inbox = demoForThisFile(HAS_MAIL_SERVER ? MAIL_OPTIONS : []);
/** Nobody else's letters lie in these mailboxes. */
const mine = (name: string) => `${name}-${Date.now().toString(36)}@example.com`;

const noor = mine("noor");
const FIRST = "seven green kettles";
const SECOND = "eight blue kettles";

test("an invitation goes out by mail, and its link leads to the inbox", async ({ openAs, browser }) => {
  const sam = await openAs(inbox(), SAM, "/settings/people/invite");
  await sam.getByRole("textbox", { name: "Email" }).fill(noor);
  await sam.getByRole("checkbox", { name: /West/ }).check();
  await sam.getByRole("button", { name: "Send the invitation" }).click();
  await expect(sam.getByRole("alert")).toContainText(`The invitation to ${noor} is sent`);
  await expectNoAxe(sam, "sent");
  const shown = await sam.getByText(/\/join\/[0-9a-f]{64}$/).innerText();
  await sam.getByRole("button", { name: "Done" }).click();
  await expect(sam.getByRole("row", { name: new RegExp(noor) })).toContainText("sent ");

  const link = await linkTo(noor, "/join/");
  expect(new URL(link).pathname).toBe(new URL(shown).pathname);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole("textbox", { name: "Your name" }).fill("Noor Haddad");
  await page.getByLabel("Password", { exact: true }).fill(FIRST);
  await page.getByRole("button", { name: "Join" }).click();
  await expect(rows(page).first()).toBeVisible();
  await context.close();
  expect(await mailbox(noor)).toHaveLength(1);
});

test("an address that the mail server refuses is said, and the link can be handed over", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/settings/people/invite");
  await sam.getByRole("textbox", { name: "Email" }).fill("nobody@example.com");
  await sam.getByRole("button", { name: "Send the invitation" }).click();
  await expect(sam.getByRole("alert")).toContainText("The invitation to nobody@example.com was not sent");
  await expect(sam.getByRole("alert")).toContainText("550");
  await expect(sam.getByText(/\/join\/[0-9a-f]{64}$/)).toBeVisible();
  await expectNoAxe(sam, "refused");
  await sam.getByRole("button", { name: "Done" }).click();
  await expect(sam.getByRole("row", { name: /nobody@example.com/ })).toContainText("not sent: ");
});

test("a forgotten password is replaced by mail, by keyboard alone, and the old one is signed out", async ({
  page,
  openAs,
  watch,
}) => {
  // what an open page asks in the moment in which it is signed out, and the link that was used
  watch.expect(/status of 401/, /WebSocket connection to/, /status of 422 .*\/reset\//);
  const before = await openAs(inbox(), { name: "Noor Haddad", email: noor, password: FIRST }, "/all");
  await page.goto(`${inbox().url}/sign-in`);
  await page.getByRole("link", { name: "Forgotten?" }).click();
  await expect(page.getByLabel("Email")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Email")).toHaveAccessibleDescription(/Write the email/);
  await page.keyboard.type(noor.toUpperCase());
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Look into your mail" })).toBeVisible();
  await expectNoAxe(page, "asked");

  const link = await linkTo(noor, "/reset/");
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "Choose a new password" })).toBeVisible();
  await expect(page.getByLabel("Email")).toHaveValue(noor);
  await expectNoAxe(page, "choose");
  await expect(page.getByLabel("New password", { exact: true })).toBeFocused();
  await page.keyboard.type("short");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("New password", { exact: true })).toHaveAccessibleDescription(/at least 10/);
  await page.getByLabel("New password", { exact: true }).fill(SECOND);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Your password is changed" })).toBeVisible();
  await expect(before, "the open inbox is signed out").toHaveURL(/\/sign-in/);

  await expect(page.getByRole("button", { name: "Sign in with the new one" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.getByLabel("Email").fill(noor);
  await page.getByLabel("Password", { exact: true }).fill(SECOND);
  await page.keyboard.press("Enter");
  await expect(rows(page).first()).toBeVisible();
  await expect.poll(async () => (await mailbox(noor)).filter((l) => l.includes("Your password was changed"))).toHaveLength(1);

  // also for whoever is signed in
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "This link was used" })).toBeVisible();
  await page.goto(`${inbox().url}/reset/${"0".repeat(64)}`);
  await expect(page.getByRole("heading", { name: "This link leads nowhere" })).toBeVisible();
  await expectNoAxe(page, "over");
});

test("somebody whom nobody knows is told the same, and gets no letter", async ({ page }) => {
  const stranger = mine("stranger");
  await page.goto(`${inbox().url}/forgot`);
  await page.getByLabel("Email").fill(stranger);
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByRole("heading", { name: "Look into your mail" })).toBeVisible();
  expect(await mailbox(stranger)).toHaveLength(0);
});

test("an owner sees how mail is, and what a test letter leads to", async ({ openAs, watch }) => {
  watch.expect(/status of 422 .*\/mail\/test$/);
  const sam = await openAs(inbox(), SAM, "/settings/general");
  await expect(sam.getByRole("heading", { name: "Mail", exact: true })).toBeVisible();
  await expect(sam.getByText(/^127\.0\.0\.1:\d+, not encrypted$/)).toBeVisible();
  await expect(sam.getByText("inbox@example.com")).toBeVisible();
  // the demo's people are at a domain that this mail server does not know
  await sam.getByRole("button", { name: "Send me a test letter" }).click();
  await expect(sam.getByRole("alert")).toContainText("The letter was not taken");
  await expectNoAxe(sam, "mail");
});
