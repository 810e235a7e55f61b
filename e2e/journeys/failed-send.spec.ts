import { Api, type Entry } from "../fixtures/api.ts";
import { LEASING_LINE, MAYA, WEST_LINE, WREN } from "../fixtures/carrier.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { conversation, entry, open, row, send, thread } from "../fixtures/screen.ts";

const inbox = demoForThisFile();
/** The carrier gives a phone that is off 20 s, after a reply was held for 5 s. */
const FAILS_WITHIN_MS = 40_000;

test("a send that does not arrive is work: it says why, is back in the list, and can be tried again", async ({
  openAs,
}) => {
  test.setTimeout(90_000);
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/all");
  await inbox().carrier.text(MAYA, WEST_LINE, "Do I need to be home for the meter?");
  await open(sam, "Do I need to be home for the meter?");
  await open(ana, "Do I need to be home for the meter?");
  await inbox().carrier.switchPhone(MAYA, false);
  await send(sam, "No, the meter is outside.");
  await expect(entry(sam, "No, the meter is outside.")).toContainText(/sent|sending|waiting to go out/);
  await open(ana, "Rafael Mendes");
  await open(sam, "Olu Bankole");

  const failure = (page: typeof sam) => thread(page).getByRole("group", { name: "Not delivered" });
  await test.step("the conversation is unread again, and its row says what happened", async () => {
    const failed = row(sam, "No, the meter is outside.");
    await expect(failed.getByRole("img", { name: "not delivered" })).toBeVisible({ timeout: FAILS_WITHIN_MS });
    await expect(failed).toContainText("unread");
    await expect(row(ana, "No, the meter is outside.").getByRole("img", { name: "not delivered" })).toBeVisible();
  });

  await test.step("the card says why in plain words, and offers ways on", async () => {
    await open(sam, "No, the meter is outside.");
    await expect(failure(sam)).toContainText(/Their phone .*\boff\b/);
    await expect(failure(sam)).toContainText("30003");
    await expect(failure(sam).getByRole("button", { name: "Retry" })).toBeVisible();
    await expect(failure(sam).getByRole("button", { name: "Edit and send" })).toBeVisible();
  });

  await test.step("tried again with the phone on, it arrives once", async () => {
    await inbox().carrier.switchPhone(MAYA, true);
    await failure(sam).getByRole("button", { name: "Retry" }).click();
    await expect(entry(sam, "No, the meter is outside.")).toContainText("delivered", { timeout: 20_000 });
    await expect(failure(sam)).toBeHidden();
    await expect(row(ana, "No, the meter is outside.").getByRole("img", { name: "not delivered" })).toBeHidden();
    await expect.poll(() => inbox().carrier.shownOn(MAYA, "No, the meter is outside.")).toHaveLength(1);
  });
});

test("a failed send brings a closed conversation back", async ({ openAs }) => {
  test.setTimeout(90_000);
  const sam = await openAs(inbox(), SAM, "/all");
  await inbox().carrier.text(WREN, WEST_LINE, "Is the lobby door fixed?");
  await open(sam, "Is the lobby door fixed?");
  const api = new Api(sam);
  const { id } = await api.conversationWith(WREN);
  await inbox().carrier.switchPhone(WREN, false);
  await api.reply(id, "Yes, since this morning.");
  await conversation(sam).getByRole("button", { name: "Close" }).click();
  await expect(row(sam, "Yes, since this morning.")).toBeHidden();
  await sam.getByRole("button", { name: "1 new" }).click({ timeout: FAILS_WITHIN_MS });
  await expect(row(sam, "Yes, since this morning.").getByRole("img", { name: "not delivered" })).toBeVisible();
  await inbox().carrier.switchPhone(WREN, true);
});

test("a text that does not get through from one number goes on from another, which is named before it is sent", async ({
  openAs,
}) => {
  const sam = await openAs(inbox(), SAM, "/all");
  const api = new Api(sam);
  await inbox().carrier.text(MAYA, WEST_LINE, "Can you send me the lease?");
  const { id } = await api.conversationWith(MAYA);
  await inbox().carrier.faults({ landline: true });
  const failing = await api.reply(id, "It is in your mail since this morning.");
  const failed = async () =>
    (await api.get<{ data: Entry[] }>(`/conversations/${id}/entries`)).data.find((each) => each.id === failing.id);
  await expect.poll(async () => (await failed())?.delivery?.status).toBe("failed");
  await inbox().carrier.faults({ landline: false });
  // The carrier has no limit a day: only the page is told of one.
  await sam.route("**/entries?*", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replaceAll('"landline"', '"daily_limit"') });
  });
  await sam.goto(`${inbox().url}/all/${id}`);
  const ways = thread(sam).getByRole("group", { name: "Not delivered" });
  await test.step("the ways on have room on a phone, too", async () => {
    await sam.setViewportSize({ width: 390, height: 844 });
    const card = await ways.boundingBox();
    await expect(ways.getByRole("button")).toHaveText([
      "Retry",
      "Send from another number",
      "Edit and send",
      "Copy text",
    ]);
    for (const each of await ways.getByRole("button").all()) {
      const box = await each.boundingBox();
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual((card?.x ?? 0) + (card?.width ?? 0));
    }
    await sam.setViewportSize({ width: 1440, height: 900 });
  });
  await ways.getByRole("button", { name: "Send from another number" }).click();
  const form = sam.getByRole("dialog", { name: "New conversation" });
  await expect(form.getByRole("textbox", { name: "Message" })).toHaveValue("It is in your mail since this morning.");
  await expect(form.getByRole("combobox", { name: "From" })).toHaveValue("Leasing line");
  await expect(form).toContainText("They see another number than before");
  await form.getByRole("button", { name: "Send" }).click();
  await expect(form).toBeHidden();
  const sent = async () => {
    const { messages } = await inbox().carrier.state();
    return messages.filter(({ text }) => text === "It is in your mail since this morning.").map(({ number }) => number);
  };
  await expect.poll(sent, { timeout: 20_000 }).toEqual([WEST_LINE, LEASING_LINE]);
  await expect(conversation(sam).getByText("Leasing line").first()).toBeVisible();
});

test("what may have left is never sent again by itself: it is found at the carrier, and arrives exactly once", async ({
  openAs,
}) => {
  const sam = await openAs(inbox(), SAM, "/all");
  await inbox().carrier.text(WREN, WEST_LINE, "Where do I leave the keys?");
  await open(sam, "Where do I leave the keys?");
  const { id } = await new Api(sam).conversationWith(WREN);
  // The carrier takes it and breaks the connection; its receipts don't come either, so that only looking finds it.
  await inbox().carrier.faults({ drop_after_accept: 1, lose_receipts_percent: 100 });
  await new Api(sam).reply(id, "In the lockbox by the door.");
  const unknown = thread(sam).getByRole("group", { name: "Perhaps not sent" });
  await expect(unknown).toContainText("The provider is being asked.");
  await inbox().carrier.faults({ drop_after_accept: false, lose_receipts_percent: 0 });
  await expect(unknown).toBeHidden({ timeout: 30_000 });
  await expect(entry(sam, "In the lockbox by the door.")).toContainText(/sent|delivered/);
  await expect(entry(sam, "In the lockbox by the door.")).toHaveCount(1);
  await expect.poll(() => inbox().carrier.shownOn(WREN, "In the lockbox by the door.")).toHaveLength(1);
});
