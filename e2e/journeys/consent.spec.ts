import { Api } from "../fixtures/api.ts";
import { MAYA, WEST_LINE } from "../fixtures/carrier.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { SAM } from "../fixtures/people.ts";
import { conversation, entry, noteBox, open, replyBox, row, rows, send, thread } from "../fixtures/screen.ts";

const inbox = demoForThisFile();

test("who texts STOP is not answered any more, on any path, until they text START", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  await inbox().carrier.text(MAYA, WEST_LINE, "Please send me the brochure");
  await open(page, "Please send me the brochure");
  const before = (await inbox().carrier.shownOn(MAYA)).length;
  await inbox().carrier.text(MAYA, WEST_LINE, "STOP");

  await test.step("the composer gives way to the reason, while it is on screen", async () => {
    await expect(conversation(page).getByText("They opted out of texts.")).toBeVisible();
    await expect(conversation(page).getByText("until they write START")).toBeVisible();
    await expect(replyBox(page)).toBeHidden();
    await expect(page.getByRole("button", { name: "Send", exact: true })).toBeHidden();
    await expect(thread(page).getByText("They texted STOP. Nothing more is sent to this number")).toBeVisible();
    await expect(row(page, "Maya Lindqvist")).toContainText("opted out");
  });

  const api = new Api(page);
  const { id } = await api.conversationWith(MAYA);
  await test.step("the server refuses it, too", async () => {
    const refused = await api.raw("POST", `/conversations/${id}/messages`, { text: "One last thing", undo_seconds: 0 });
    expect(refused.status()).toBe(422);
    expect(await refused.json()).toMatchObject({ code: "opted_out" });
  });

  await test.step("a note can still be written", async () => {
    await page.keyboard.press("m");
    await expect(noteBox(page)).toBeFocused();
    await page.keyboard.insertText("She stopped us, call her instead.");
    await page.keyboard.press("Control+Enter");
    await expect(entry(page, "She stopped us, call her instead.")).toBeVisible();
  });

  await test.step("START lets us answer again", async () => {
    await inbox().carrier.text(MAYA, WEST_LINE, "START");
    await expect(thread(page).getByText("They can be texted again")).toBeVisible();
    await expect(replyBox(page)).toBeVisible();
    await send(page, "Welcome back! The brochure is on its way.");
    await expect(entry(page, "Welcome back!")).toContainText("delivered", { timeout: 20_000 });
  });
  // Of what was tried since STOP, only what came after START has reached the phone.
  expect((await inbox().carrier.shownOn(MAYA)).slice(before)).toEqual(["Welcome back! The brochure is on its way."]);
});

test("a first text to somebody who never wrote needs a person's word, and keeps how they agreed", async ({
  openAs,
  watch,
}) => {
  watch.expect(/status of (409|422) .*\/conversations$/);
  await inbox().carrier.newPhone("+14155550177", "Newcomer");
  const page = await openAs(inbox(), SAM, "/all");
  await expect(rows(page).first()).toBeVisible();
  await page.keyboard.press("c");
  const dialog = page.getByRole("dialog", { name: "New conversation" });

  await test.step("what is missing is said at the field", async () => {
    await dialog.getByRole("button", { name: "Send" }).click();
    await expect(dialog.getByLabel("To")).toHaveAccessibleDescription(/Write the whole number/);
    await expect(dialog.getByLabel("Message")).toHaveAccessibleDescription(/Write what to say/);
  });

  await dialog.getByLabel("To").fill("(415) 555-0177");
  await dialog.getByLabel("Name").fill("Juno Albright");
  await dialog.getByLabel("Message").fill("Hello Juno, your keys are ready.");
  await dialog.getByRole("button", { name: "Send" }).click();

  await test.step("the server asks before anything leaves, and wants to know how they agreed", async () => {
    await expect(dialog.getByRole("alert").getByText("They have never written to you")).toBeVisible();
    await dialog.getByRole("button", { name: "They agreed, send it" }).click();
    await expect(dialog.getByLabel("How did they agree to texts?")).toHaveAccessibleDescription(/Say how they agreed/);
    expect(await inbox().carrier.shownOn("+14155550177")).toEqual([]);
  });

  await dialog.getByLabel("How did they agree to texts?").fill("Asked us by phone this morning");
  await dialog.getByRole("button", { name: "They agreed, send it" }).click();
  await expect(dialog).toBeHidden();
  await expect(conversation(page).getByRole("heading", { name: "Juno Albright" })).toBeVisible();
  await expect(entry(page, "your keys are ready")).toContainText("delivered", { timeout: 20_000 });
  await expect.poll(() => inbox().carrier.shownOn("+14155550177")).toEqual(["Hello Juno, your keys are ready."]);
});
