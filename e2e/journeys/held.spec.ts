import { Api } from "../fixtures/api.ts";
import { expectNoAxe } from "../fixtures/axe.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { SAM } from "../fixtures/people.ts";
import { arriving, postSigned } from "../fixtures/webhook.ts";

const inbox = demoForThisFile();

const OFFICE = "+14155550163";
const CUSTOMER = "+14155550171";
const sid = (n: number) => `SMfeed${String(n).padStart(28, "0")}`;

test("what could not be delivered is held, seen at once, dismissed, and replayed to its inbox", async ({
  openAs,
  watch,
}) => {
  watch.expect(/status of 409 .*\/replay$/);
  const page = await openAs(inbox(), SAM, "/all");
  const api = new Api(page);
  const [channel] = (await api.get<{ data: { connection_id: string; address: string }[] }>("/channels")).data;
  const hook = `${inbox().url}/hooks/twilio/${channel?.connection_id}/message`;

  await expect(page.getByRole("img", { name: /held message/ })).toHaveCount(0);
  for (const [n, text] of ["Is this the office?", "Hello, anybody?", "Please call me back"].entries())
    await postSigned(hook, arriving(sid(n + 1), CUSTOMER, OFFICE, text));
  await expect(page.getByRole("img", { name: "3 held messages" })).toBeVisible();
  await page.getByRole("link", { name: /^Settings/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Held messages" })).toBeVisible();
  await expect(page.getByRole("list", { name: "Alike" }).getByRole("listitem")).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Connect the number" })).toBeVisible();
  await expect(page.getByRole("row")).toHaveCount(4);
  await expect(page.getByText("+1415•••0171").first()).toBeVisible();
  await expectNoAxe(page, "held messages");

  await test.step("one says what it brought, why it is held, and that it still is", async () => {
    await page.getByRole("row").nth(1).click();
    await expect(page.getByText("Body = Please call me back")).toBeVisible();
    await expectNoAxe(page, "a held message");
    await page.getByRole("button", { name: "Replay" }).click();
    await expect(page.getByText(/\+14155550163 has no channel yet/).first()).toBeVisible();
  });

  await test.step("dismissed, it is kept under its own heading", async () => {
    await page.getByRole("button", { name: "Dismiss" }).click();
    await expect(page.getByText("Dismissed by Sam Park")).toBeVisible();
    await page.getByRole("button", { name: "Back" }).click();
    await expect(page.getByRole("link", { name: "Dismissed" })).toHaveAttribute("aria-current", "page");
    await expect(page.getByRole("row")).toHaveCount(2);
    await page.getByRole("link", { name: /^Waiting/ }).click();
    await expect(page.getByRole("row")).toHaveCount(3);
  });

  await test.step("what a later arrival brings is there without a reload", async () => {
    await postSigned(hook, arriving(sid(9), CUSTOMER, OFFICE, "One more"));
    await expect(page.getByRole("row")).toHaveCount(4);
  });
});

test("a number that is connected offers what came before, and replaying puts it into the inbox", async ({ openAs }) => {
  const page = await openAs(inbox(), SAM, "/all");
  const api = new Api(page);
  const channels = (await api.get<{ data: { id: string; connection_id: string; address: string }[] }>("/channels")).data;
  const channel = channels[0];
  if (channel === undefined) throw new Error("the demo has a channel");
  const hook = `${inbox().url}/hooks/twilio/${channel.connection_id}/message`;
  // the number goes, a text comes, the number is back
  await api.raw("DELETE", `/channels/${channel.id}`, undefined);
  await postSigned(hook, arriving(sid(20), CUSTOMER, channel.address, "While you were away"));
  await page.goto(`${inbox().url}/settings/held`);
  await expect(page.getByRole("button", { name: "Connect the number" }).first()).toBeVisible();
  const again = { kind: "sms", name: "West line", address: channel.address, connection_id: channel.connection_id };
  const { id } = await api.post<{ id: string }>("/channels", again);
  await page.goto(`${inbox().url}/settings/channels/${id}`);
  await expect(page.getByText("1 text came to this number while it was not connected")).toBeVisible();
  await page.getByRole("button", { name: "Replay" }).click();
  await expect(page.getByText("1 message is in the inbox")).toBeVisible();
  await expect(page.getByText("while it was not connected")).toHaveCount(0);
  const conversation = await api.conversationWith(CUSTOMER);
  await page.goto(`${inbox().url}/all/${conversation.id}`);
  await expect(page.getByRole("log", { name: "Messages" }).getByText("While you were away")).toBeVisible();
  await page.goto(`${inbox().url}/settings/held/replayed`);
  await expect(page.getByRole("row").filter({ hasText: "Sam Park" })).toHaveCount(1);
});
