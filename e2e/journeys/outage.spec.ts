import { Api } from "../fixtures/api.ts";
import { expectNoAxe } from "../fixtures/axe.ts";
import { MAYA, WEST_LINE, WREN } from "../fixtures/carrier.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { conversation, entry, open, send } from "../fixtures/screen.ts";

const inbox = demoForThisFile();

test("a provider that is away is said to everybody, texts wait, and each goes out once when it is back", async ({
  openAs,
}) => {
  test.setTimeout(240_000);
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/all");
  const api = new Api(sam);
  const others = ["+16285550191", "+16285550192", "+16285550193"];
  for (const phone of others) await inbox().carrier.newPhone(phone, `Tenant ${phone.slice(-2)}`);
  const phones = [MAYA, WREN, ...others];
  const said: { phone: string; text: string }[] = [];
  for (const phone of phones) await inbox().carrier.text(phone, WEST_LINE, `Are you there? ${phone}`);
  await open(ana, `Are you there? ${MAYA}`);
  const outage = conversation(ana).getByText(/Twilio can’t be reached since .+\. Your texts wait and go out by themselves\./);
  await expect(outage).toBeHidden();

  await inbox().carrier.faults({ down_s: 3_600 });
  for (const phone of phones) {
    const { id } = await api.conversationWith(phone);
    await api.reply(id, `We are. ${phone}`);
    said.push({ phone, text: `We are. ${phone}` });
  }
  await test.step("the thread says it, also to who sent nothing, and says that nothing is lost", async () => {
    await expect(outage).toBeVisible({ timeout: 20_000 });
    await expectNoAxe(ana, "a thread while the provider is away");
    await open(sam, `We are. ${MAYA}`);
    await expect(conversation(sam).getByText(/Twilio can’t be reached since/)).toBeVisible();
  });
  await test.step("what is sent now waits and says so", async () => {
    await send(ana, "And the heating is on again.");
    said.push({ phone: MAYA, text: "And the heating is on again." });
    await expect(entry(ana, "And the heating is on again.")).toContainText("waits for Twilio", { timeout: 15_000 });
  });
  await test.step("the settings of channels say it, too", async () => {
    await sam.goto(`${inbox().url}/settings/channels`);
    await sam.getByRole("link", { name: /West line/ }).click();
    await expect(sam.getByText(/Twilio can’t be reached/).first()).toBeVisible();
    await expectNoAxe(sam, "channels while the provider is away");
  });
  await test.step("back again: the line is gone, and each text is on its phone once, in order", async () => {
    await inbox().carrier.faults({ down_s: 0 });
    await expect(outage).toBeHidden({ timeout: 60_000 });
    for (const { phone, text } of said)
      await expect.poll(() => inbox().carrier.shownOn(phone, text), { timeout: 30_000 }).toHaveLength(1);
    const toMaya = (await inbox().carrier.shownOn(MAYA)).filter((text) => said.some((each) => each.text === text));
    expect(toMaya).toEqual([`We are. ${MAYA}`, "And the heating is on again."]);
  });
});
