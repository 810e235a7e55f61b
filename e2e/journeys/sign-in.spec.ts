import { expectNoAxe } from "../fixtures/axe.ts";
import { Api } from "../fixtures/api.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { SAM } from "../fixtures/people.ts";
import { conversation, open, replyBox, rows, thread } from "../fixtures/screen.ts";

const inbox = demoForThisFile();
/** Failed attempts at one account before the server asks to wait (crates/server/src/limits.rs). */
const ATTEMPTS = 10;

test("a wrong password is refused without saying which part was wrong, and the right one leads in", async ({
  page,
  watch,
}) => {
  watch.expect(/status of 401 .*\/session$/);
  await page.goto(inbox().url);
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByRole("heading", { name: "Harbor & Pine" })).toBeVisible();
  const enter = page.getByRole("button", { name: "Sign in", exact: true });

  await test.step("empty fields say what is missing, and have the focus", async () => {
    await enter.click();
    await expect(page.getByLabel("Email")).toHaveAccessibleDescription(/Write the email/);
    await expect(page.getByLabel("Password", { exact: true })).toHaveAccessibleDescription(/Write your password/);
    await expect(page.getByLabel("Email")).toBeFocused();
  });

  await page.getByLabel("Email").fill(SAM.email);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await enter.click();
  await expect(page.getByRole("alert")).toContainText(/email (and|or) (the )?password/i);
  await expect(page.getByLabel("Email")).toHaveValue(SAM.email);

  await page.getByLabel("Password", { exact: true }).fill(SAM.password);
  await page.keyboard.press("Enter");
  await expect(rows(page).first()).toBeVisible();
});

test("who has forgotten the password of a server without mail learns who can help", async ({ page }) => {
  await page.goto(`${inbox().url}/sign-in`);
  await page.getByRole("link", { name: "Forgotten?" }).click();
  await expect(page.getByRole("heading", { name: "New password" })).toBeVisible();
  await expect(page.getByText("partyline user reset")).toBeVisible();
  await expectNoAxe(page, "no mail");
  await page.getByRole("link", { name: "Back to sign in" }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
});

test("a link into the inbox asks to sign in, and leads there afterwards", async ({ page, openAs }) => {
  const sam = await openAs(inbox(), SAM, "/all");
  await open(sam, "Olu Bankole");
  const path = new URL(sam.url()).pathname;
  await page.goto(inbox().url + path);
  await expect(page).toHaveURL(/\/sign-in\?to=/);
  await page.getByLabel("Email").fill(SAM.email);
  await page.getByLabel("Password", { exact: true }).fill(SAM.password);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(inbox().url + path);
  await expect(conversation(page).getByRole("heading", { name: "Olu Bankole" })).toBeVisible();
});

test("an address of another site is not a place to come back to", async ({ page }) => {
  await page.goto(`${inbox().url}/sign-in?to=//elsewhere.example/all`);
  await page.getByLabel("Email").fill(SAM.email);
  await page.getByLabel("Password", { exact: true }).fill(SAM.password);
  await page.keyboard.press("Enter");
  await expect(rows(page).first()).toBeVisible();
  expect(new URL(page.url()).origin).toBe(inbox().url);
});

test("signing out in one tab leads the other to the sign-in, and leaves no draft behind", async ({ openAs, watch }) => {
  watch.expect(/status of 401/, /WebSocket connection to/);
  const first = await openAs(inbox(), SAM, "/all");
  await open(first, "Olu Bankole");
  await replyBox(first).fill("Not for the next person at this desk");
  const second = await first.context().newPage();
  await second.goto(`${inbox().url}/all`);
  await expect(rows(second).first()).toBeVisible();
  await second.getByRole("button", { name: "Sam Park" }).click();
  await second.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(second).toHaveURL(/\/sign-in$/);
  await expect(first).toHaveURL(/\/sign-in/);
  expect(await first.evaluate(() => JSON.stringify(localStorage))).not.toContain("Not for the next person");
});

test("a viewer reads, and has no way to send, note or take", async ({ openAs, watch }) => {
  watch.expect(/status of 403/);
  const sam = await openAs(inbox(), SAM, "/all");
  const viewer = { name: "Vesna Kralj", email: "vesna@harborpine.example", password: "a view of the harbour" };
  const { data: teams } = await new Api(sam).get<{ data: { id: string }[] }>("/teams");
  await new Api(sam).post("/users", { ...viewer, role: "viewer", team_ids: teams.map(({ id }) => id) });
  const page = await openAs(inbox(), viewer, "/all");
  await open(page, "Olu Bankole");
  await expect(thread(page).getByText("The key fob stopped working at the side gate")).toBeVisible();
  await expect(page.getByRole("button", { name: "Send", exact: true })).toHaveCount(0);
  await expect(replyBox(page)).toHaveCount(0);
  await expect(conversation(page).getByRole("button", { name: "Close" })).toHaveCount(0);
  await expect(conversation(page).getByRole("button", { name: /^Assign/ })).toHaveCount(0);
  await page.keyboard.press("m");
  await expect(page.getByRole("textbox", { name: "Note for the team" })).toHaveCount(0);
});

test("after too many wrong passwords the page says how long to wait", async ({ page, watch }) => {
  watch.expect(/status of (401|429) .*\/session$/);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1)
    await page.request.post(`${inbox().url}/api/v1/session`, {
      data: { email: "tom@harborpine.example", password: "wrong" },
    });
  await page.goto(`${inbox().url}/sign-in`);
  await page.getByLabel("Email").fill("tom@harborpine.example");
  await page.getByLabel("Password", { exact: true }).fill("one shared number");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("Too many attempts");
  await expect(page.getByRole("alert")).toContainText(/Try again in \d+:\d\d/);
  await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeDisabled();
});
