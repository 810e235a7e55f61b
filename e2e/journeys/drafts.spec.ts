import type { Page } from "@playwright/test";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { Line } from "../fixtures/line.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { conversation, count, entry, noteBox, open, replyBox, send } from "../fixtures/screen.ts";

const inbox = demoForThisFile();

/** What somebody else writes here, above the reply. */
function theirDraft(page: Page) {
  return conversation(page).getByRole("region", { name: /draft here$/ });
}

function twoTexts(page: Page) {
  return conversation(page).getByRole("alert", { name: "Two texts" });
}

/** Resolves once the server has this text. */
async function saved(page: Page, text: string): Promise<void> {
  await expect
    .poll(async () => {
      const id = new URL(page.url()).pathname.split("/").at(-1);
      const answer = await page.request.get(`${inbox().url}/api/v1/conversations/${id}/drafts`);
      const { data } = (await answer.json()) as { data: { text: string }[] };
      return data.map((draft) => draft.text);
    })
    .toEqual([text]);
}

test("what one types the other reads as it is typed, takes over, and the first is told at once", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/all");
  await open(sam, "Noor Aziz");
  await open(ana, "Noor Aziz");

  await replyBox(ana).pressSequentially("The plumber comes ");
  await expect(theirDraft(sam)).toContainText("The plumber comes");
  await replyBox(ana).pressSequentially("at nine");
  await expect(theirDraft(sam)).toContainText("The plumber comes at nine");

  await test.step("in the line of who is there is the way to it", async () => {
    await Promise.all([
      conversation(sam).getByRole("button", { name: "See the draft" }).click(),
      replyBox(ana).pressSequentially(" or ten"),
    ]);
    const text = theirDraft(sam).getByRole("button", { name: /Ana’s draft/ });
    await expect(text).toHaveAttribute("aria-expanded", "true");
  });

  await test.step("taken over while she types: the text goes on with him, and she sees who has it", async () => {
    await saved(ana, "The plumber comes at nine or ten");
    await theirDraft(sam).getByRole("button", { name: "Take over" }).click();
    await expect(replyBox(sam)).toHaveValue("The plumber comes at nine or ten");
    await expect(replyBox(sam)).toBeFocused();
    await expect(theirDraft(ana)).toContainText("Sam writes a draft here");
    await expect(replyBox(ana)).toHaveValue("");
    await replyBox(sam).press("End");
    await replyBox(sam).pressSequentially(", I will call first");
    await expect(theirDraft(ana)).toContainText("I will call first");
  });

  await test.step("sent, it is nobody's draft any more", async () => {
    await sam.getByRole("button", { name: "Send", exact: true }).click();
    await expect(theirDraft(ana)).toBeHidden();
    await expect(replyBox(sam)).toHaveValue("");
    await expect(entry(ana, "The plumber comes at nine or ten, I will call first")).toHaveCount(1);
  });
});

test("a browser that is killed and a server that is killed lose nothing that was typed", async ({ openAs, watch }) => {
  const first = await openAs(inbox(), SAM, "/all");
  await open(first, "Olu Bankole");
  await replyBox(first).pressSequentially("Your spare key is at the desk");
  await saved(first, "Your spare key is at the desk");
  // A browser that is killed keeps nothing: the next one is another.
  await first.context().close();

  const second = await openAs(inbox(), SAM, "/all");
  await open(second, "Olu Bankole");
  await expect(replyBox(second)).toHaveValue("Your spare key is at the desk");

  await test.step("typed while the server is down, it is written once it is back", async () => {
    watch.expect(/ERR_(CONNECTION_RESET|EMPTY_RESPONSE|CONNECTION_REFUSED|SOCKET_NOT_CONNECTED)/, /WebSocket/);
    await inbox().kill();
    await replyBox(second).press("End");
    await replyBox(second).pressSequentially(", until eight");
    await inbox().restart();
    await saved(second, "Your spare key is at the desk, until eight");
  });

  await test.step("it is in the list of drafts, counted, and leads back", async () => {
    await expect.poll(() => count(second, "Drafts")).toBe("1");
    await second.getByRole("navigation", { name: "Mailboxes" }).getByRole("link", { name: /^Drafts/ }).click();
    const list = second.getByRole("region", { name: "Drafts" });
    await list.getByRole("link", { name: /Olu Bankole.*until eight/ }).click();
    await expect(replyBox(second)).toHaveValue("Your spare key is at the desk, until eight");
  });

  await test.step("emptied, it is gone", async () => {
    await replyBox(second).fill("");
    await expect.poll(() => count(second, "Drafts")).toBe("");
  });
});

test("two texts of one person are both shown, and none goes without their word", async ({ openAs, watch }) => {
  watch.expect(/ERR_(CONNECTION_RESET|EMPTY_RESPONSE|CONNECTION_REFUSED|SOCKET_NOT_CONNECTED)/, /WebSocket/);
  watch.expect(/status of 409 .*\/drafts\//);
  const line = await Line.to(inbox().url);
  const desk = await openAs(line, SAM, "/all");
  const phone = await openAs(inbox(), SAM, "/all");
  await open(desk, "Rafael Mendes");
  await open(phone, "Rafael Mendes");
  await replyBox(desk).pressSequentially("The lift");
  await expect(replyBox(phone)).toHaveValue("The lift");

  line.cut();
  await replyBox(desk).pressSequentially(" works again");
  await replyBox(phone).press("End");
  await replyBox(phone).pressSequentially(" is out until noon");
  await saved(phone, "The lift is out until noon");
  line.mend();
  await expect(twoTexts(desk)).toContainText("The lift is out until noon");
  await expect(replyBox(desk)).toHaveValue("The lift works again");
  await twoTexts(desk).getByRole("button", { name: "Keep both" }).click();
  await expect(replyBox(desk)).toHaveValue("The lift is out until noon\n\nThe lift works again");
  await expect(replyBox(phone)).toHaveValue("The lift is out until noon\n\nThe lift works again");
  await line.close();
});

test("a note is no draft, and the reply that was begun comes back after it", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/all");
  await open(sam, "Tobias Richter");
  await open(ana, "Tobias Richter");
  await replyBox(sam).pressSequentially("We are looking into it");
  await saved(sam, "We are looking into it");
  await replyBox(sam).press("Escape");
  await sam.keyboard.press("m");
  await noteBox(sam).fill("He has called three times");
  await expect(theirDraft(ana)).toContainText("We are looking into it");
  await expect(theirDraft(ana)).not.toContainText("three times");
  await sam.getByRole("button", { name: "Add note" }).click();
  await expect(replyBox(sam)).toHaveValue("We are looking into it");
  await send(sam, "We are on it");
  await expect(theirDraft(ana)).toBeHidden();
});

test("a lead looks at a draft before it is sent, sends one back with a note, and sends the next", async ({
  openAs,
  watch,
}) => {
  watch.expect(/status of 409 .*\/messages$/);
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/all");
  await open(sam, "Pilar Ortega");
  await open(ana, "Pilar Ortega");
  await replyBox(ana).pressSequentially("You get all of it back");
  await saved(ana, "You get all of it back");
  const ask = async () => {
    await ana.keyboard.press("Control+k");
    await ana.keyboard.type("Ask for a review");
    await ana.keyboard.press("Enter");
    const dialog = ana.getByRole("dialog", { name: "Ask for a review" });
    await dialog.getByRole("combobox", { name: "Who looks at it" }).fill("Sam");
    await ana.keyboard.press("Enter");
    await dialog.getByRole("button", { name: "Ask", exact: true }).click();
    await expect(conversation(ana).getByText("Sam looks at this before it is sent")).toBeVisible();
  };
  await ask();
  await ana.getByRole("button", { name: "Send", exact: true }).click();
  await expect(conversation(ana).getByRole("alert")).toContainText("Sam Park looks at this before it is sent");

  const asked = conversation(sam).getByRole("region", { name: "Ana asks you to look at this" });
  await asked.getByRole("button", { name: "Send back with a note" }).click();
  await noteBox(sam).fill("Half of it, please");
  await sam.getByRole("button", { name: "Add note" }).click();
  await expect(entry(ana, "Half of it, please")).toBeVisible();
  await expect(conversation(ana).getByText("Sam looks at this")).toBeHidden();

  await replyBox(ana).fill("You get half of it back");
  await saved(ana, "You get half of it back");
  await ask();
  await asked.getByRole("button", { name: "Send it" }).click();
  await expect(entry(ana, "You get half of it back")).toBeVisible();
  await expect(replyBox(ana)).toHaveValue("");
});
