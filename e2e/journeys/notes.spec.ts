import type { Locator, Page } from "@playwright/test";
import { expectNoAxe } from "../fixtures/axe.ts";
import { Api, type Entry } from "../fixtures/api.ts";
import { MAYA } from "../fixtures/carrier.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { ANA, SAM } from "../fixtures/people.ts";
import { conversation, count, entry, noteBox, open, replyBox, row, thread } from "../fixtures/screen.ts";

const inbox = demoForThisFile();
const MALIK = "Malik Johnson";

function mailbox(page: Page, name: string): Locator {
  return page.getByRole("navigation", { name: "Mailboxes" }).getByRole("link", { name: new RegExp(`^${name}`) });
}

function tasks(page: Page): Locator {
  return page.getByRole("region", { name: "Tasks" }).getByRole("listitem");
}

test("a mention calls a colleague, who answers; both see what becomes of the notes", async ({ openAs }) => {
  test.setTimeout(120_000);
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/mine");
  const before = Number(await count(ana, "Mentions"));
  await open(sam, MALIK);

  await test.step("@ offers people and teams, by keyboard, to who sees it and who hears it", async () => {
    await sam.keyboard.press("m");
    const box = noteBox(sam);
    await box.pressSequentially("Please look, @an");
    const list = sam.getByRole("listbox", { name: "Colleagues" });
    const chosen = list.getByRole("option", { selected: true });
    await expect(chosen).toContainText("Ana Ruiz");
    expect(await box.getAttribute("aria-activedescendant")).toBe(await chosen.getAttribute("id"));
    await expectNoAxe(sam, "mentions");
    await box.press("Enter");
    await expect(box).toHaveValue("Please look, @Ana Ruiz ");
    await box.pressSequentially("or @west");
    await expect(list.getByRole("option")).toContainText("West");
    await box.press("Tab");
    await box.pressSequentially("about the ");
    await box.press("Control+b");
    await box.pressSequentially("boiler");
    await expect(box).toHaveValue("Please look, @Ana Ruiz or @West about the **boiler**");
    await box.press("Control+Enter");
    await expect(entry(sam, "Please look").locator("strong")).toHaveText("boiler");
  });

  await test.step("she finds it under Mentions and answers", async () => {
    await expect.poll(() => count(ana, "Mentions")).toBe(String(before + 1));
    await ana.keyboard.press("g");
    await ana.keyboard.press("@");
    await open(ana, MALIK);
    await expect(entry(ana, "Please look").getByText("@Ana Ruiz")).toBeVisible();
    await ana.keyboard.press("m");
    await noteBox(ana).fill("On it\n\n- call the plumber\n- [the form](https://example.com/form)");
    await noteBox(ana).press("Control+Enter");
    await expect(entry(sam, "On it").getByRole("listitem")).toHaveCount(2);
    await expect(entry(sam, "On it").getByRole("link", { name: "the form" })).toHaveAttribute("rel", /noreferrer/);
  });

  await test.step("Up in the empty box edits the last note of one's own; what it said stays readable", async () => {
    // after a note one is in the box of the reply
    await expect(replyBox(ana)).toBeFocused();
    await ana.keyboard.press("Escape");
    await ana.keyboard.press("m");
    await noteBox(ana).press("ArrowUp");
    const box = ana.getByRole("textbox", { name: "The note" });
    await expect(box).toBeFocused();
    await box.press("Control+Home");
    await box.pressSequentially("Done: ");
    await box.press("Control+Enter");
    await expect(noteBox(ana)).toBeFocused();
    const changed = entry(sam, "Done: On it");
    await changed.getByRole("button", { name: "edited" }).click();
    const history = sam.getByRole("dialog", { name: "What the note said" });
    await expect(history.getByText("On it", { exact: true })).toBeVisible();
    await expect(history.getByText("Done: On it")).toBeVisible();
    await expectNoAxe(sam, "history of a note");
    await sam.keyboard.press("Escape");
    await expect(changed.getByRole("button", { name: "Edit the note" })).toHaveCount(1);
    await expect(entry(ana, "Please look").getByRole("button", { name: "Edit the note" })).toHaveCount(0);
  });

  await test.step("a reaction is on both screens at once, and is taken back by the same button", async () => {
    const note = entry(sam, "Done: On it");
    await note.getByRole("button", { name: "React" }).focus();
    await sam.keyboard.press("Enter");
    await expect(sam.getByRole("button", { name: "Thumbs up" })).toBeFocused();
    await expectNoAxe(sam, "emoji");
    await sam.keyboard.press("ArrowRight");
    await sam.keyboard.press("ArrowLeft");
    await sam.keyboard.press("Enter");
    const hers = entry(ana, "Done: On it").getByRole("button", { name: "👍, from Sam Park" });
    await hers.click();
    await expect(note.getByRole("button", { name: "👍, from You and Ana Ruiz" })).toHaveText("👍 2");
    await note.getByRole("button", { name: /^👍/ }).click();
    await expect(entry(ana, "Done: On it").getByRole("button", { name: "👍, from You" })).toHaveText("👍 1");
    await note.getByRole("button", { name: "React" }).click();
    await sam.getByRole("textbox", { name: "Another emoji" }).fill("🦊");
    await sam.keyboard.press("Enter");
    await expect(entry(ana, "Done: On it").getByRole("button", { name: "🦊, from Sam Park" })).toBeVisible();
  });
});

test("a note becomes a task, waits for its day, and is done from the list of tasks", async ({ openAs }) => {
  test.setTimeout(120_000);
  const sam = await openAs(inbox(), SAM, "/all");
  const ana = await openAs(inbox(), ANA, "/tasks");
  await expect(ana.getByText("Nothing to do here")).toBeVisible();
  await expectNoAxe(ana, "no tasks");
  await open(sam, MALIK);
  await sam.keyboard.press("m");
  await noteBox(sam).fill("Send him the **new** keys");
  await noteBox(sam).press("Control+Enter");

  await test.step("it is given to her, due tomorrow", async () => {
    await entry(sam, "new keys").getByRole("button", { name: "Make it a task" }).click();
    const dialog = sam.getByRole("dialog", { name: "Make it a task" });
    await dialog.getByRole("combobox", { name: "Whose" }).fill("ana");
    await sam.keyboard.press("Enter");
    await dialog.getByRole("button", { name: "Tomorrow morning" }).click();
    await expectNoAxe(sam, "task");
    await dialog.getByRole("button", { name: "Make it a task" }).click();
    await expect(entry(sam, "new keys").getByText("A task for Ana Ruiz")).toBeVisible();
    await expect(row(sam, MALIK)).toContainText("1 open task");
  });

  await test.step("it is in her list without reload, and counted", async () => {
    await expect(tasks(ana)).toContainText("Send him the new keys");
    await expect(tasks(ana)).toContainText(/due tomorrow, 9:00/);
    await expect.poll(() => count(ana, "Tasks")).toBe("1");
  });

  await test.step("once it is late it says so in red", async () => {
    const api = new Api(sam);
    const { data } = await api.get<{ data: { entry: Entry }[] }>(
      `/tasks?assignee=${(await api.get<{ data: { id: string; name: string }[] }>("/users")).data.find(({ name }) => name === "Ana Ruiz")?.id}`,
    );
    const { user } = await new Api(ana).get<{ user: { id: string } }>("/me");
    const due_at = new Date(Date.now() - 60_000).toISOString();
    await api.raw("PUT", `/notes/${data[0]?.entry.id}/task`, { assignee_id: user.id, due_at });
    await expect(tasks(ana)).toContainText(/overdue, today/);
    await expect(mailbox(ana, "Tasks")).toContainText("1 overdue");
    await expectNoAxe(ana, "tasks");
    await expectNoAxe(sam, "a note with a task");
  });

  await test.step("Enter opens the conversation at the note", async () => {
    await ana.keyboard.press("j");
    await ana.keyboard.press("Enter");
    await expect(conversation(ana)).toBeVisible();
    await expect(entry(ana, "new keys")).toBeInViewport();
    await expect(ana).toHaveURL(/entry=note_/);
  });

  await test.step("G T comes back, X does it, Z takes that back", async () => {
    await thread(ana).focus();
    await ana.keyboard.press("g");
    await ana.keyboard.press("t");
    await expect(tasks(ana).getByRole("link")).toBeFocused();
    await ana.keyboard.press("x");
    await expect(tasks(ana)).toHaveCount(0);
    await expect(entry(sam, "new keys").getByText("Done by Ana Ruiz")).toBeVisible();
    await expect(row(sam, MALIK)).not.toContainText("open task");
    await ana.keyboard.press("z");
    await expect(tasks(ana)).toHaveCount(1);
    await tasks(ana).getByRole("checkbox").click();
    await expect(tasks(ana)).toHaveCount(0);
    await ana.getByRole("button", { name: "Done", exact: true }).click();
    await expect(tasks(ana)).toContainText("Send him the new keys");
  });

  await test.step("and nothing of all this has reached a phone", async () => {
    const { messages } = await inbox().carrier.state();
    expect(messages.filter(({ text }) => text.includes("keys") || text.includes("boiler"))).toEqual([]);
    expect(await inbox().carrier.shownOn(MAYA, "On it")).toEqual([]);
    await sam.keyboard.press("r");
    await expect(replyBox(sam)).toHaveValue("");
  });
});
