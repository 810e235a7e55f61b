import { demoForThisFile, test } from "../fixtures/journey.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { conversation, open, replyBox } from "../fixtures/screen.ts";
const inbox = demoForThisFile();
test("look", async ({ openAs }) => {
  test.setTimeout(120000);
  const ana = await openAs(inbox(), ANA, "/all");
  await open(ana, "Noor Aziz");
  await replyBox(ana).pressSequentially("Delgado comes between 2 and 4 pm and rings before he leaves the yard. If that is too late for you, say so and I will ask whether he can come first thing tomorrow. The spare key lies at the desk until eight.");
  for (const scheme of ["light", "dark"] as const) {
    const sam = await openAs(inbox(), SAM, "/all", { colorScheme: scheme, viewport: { width: 1440, height: 900 } });
    await open(sam, "Noor Aziz");
    await replyBox(ana).press("End");
    await replyBox(ana).pressSequentially(" x");
    await conversation(sam).getByRole("button", { name: "Take over" }).waitFor();
    for (const [w, h] of [[1440, 900], [1024, 768], [390, 844]] as const) {
      await sam.setViewportSize({ width: w, height: h });
      await replyBox(ana).pressSequentially("y");
      await sam.waitForTimeout(700);
      await sam.screenshot({ path: `/tmp/drafts-look/bar-${scheme}-${w}.png` });
    }
    await sam.setViewportSize({ width: 1440, height: 900 });
    await conversation(sam).getByRole("button", { name: /Ana’s draft/ }).click();
    await replyBox(sam).fill("Mine is another text");
    await sam.waitForTimeout(500);
    await sam.screenshot({ path: `/tmp/drafts-look/own-${scheme}.png` });
    await conversation(sam).getByRole("button", { name: "Take over" }).click();
    await sam.waitForTimeout(700);
    for (const [w, h] of [[1440, 900], [390, 844]] as const) {
      await sam.setViewportSize({ width: w, height: h });
      await sam.waitForTimeout(300);
      await sam.screenshot({ path: `/tmp/drafts-look/ask-${scheme}-${w}.png` });
    }
    await sam.setViewportSize({ width: 1440, height: 900 });
    await sam.getByRole("button", { name: "Keep both" }).click();
    await sam.waitForTimeout(700);
    await sam.goto(inbox().url + "/drafts");
    await sam.waitForTimeout(800);
    for (const [w, h] of [[1440, 900], [1024, 768], [390, 844]] as const) {
      await sam.setViewportSize({ width: w, height: h });
      await sam.waitForTimeout(300);
      await sam.screenshot({ path: `/tmp/drafts-look/list-${scheme}-${w}.png` });
    }
    await ana.screenshot({ path: `/tmp/drafts-look/taken-${scheme}.png` });
    await sam.setViewportSize({ width: 1440, height: 900 });
    await conversation(ana).getByRole("button", { name: "Take over" }).click();
    await ana.waitForTimeout(700);
  }
});
