import type { Locator, Page } from "@playwright/test";
import { Api } from "../fixtures/api.ts";
import { expectNoAxe } from "../fixtures/axe.ts";
import { MAYA, WEST_LINE, WREN } from "../fixtures/carrier.ts";
import { demoForThisFile, expect, test } from "../fixtures/journey.ts";
import { ANA, SAM } from "../fixtures/people.ts";

const inbox = demoForThisFile();

function side(page: Page): Locator {
  return page.getByRole("navigation", { name: "Mailboxes" });
}

function searchBox(page: Page): Locator {
  return page.getByRole("textbox", { name: "Search everything" });
}

/** Saves what is looked for. The owner is chosen by its name. */
async function save(page: Page, q: string, name: string, owner?: string): Promise<void> {
  await page.goto(`${inbox().url}/search?${new URLSearchParams({ q }).toString()}`);
  await page.getByRole("button", { name: "Save as a view" }).click();
  const dialog = page.getByRole("dialog", { name: "Save this search" });
  await dialog.getByRole("textbox", { name: "Name" }).fill(name);
  if (owner !== undefined) {
    await dialog.getByRole("combobox", { name: "For" }).fill(owner);
    await page.keyboard.press("Enter");
  }
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toHaveCount(0);
}

async function choose(page: Page, name: string, what: string): Promise<void> {
  const menu = page.getByRole("navigation", { name: "Mailboxes" }).getByRole("button", { name: `What to do with ${name}` });
  await menu.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: what }).click();
}

test("a search is saved, stands in the sidebar of who it is for, and nowhere else", async ({ openAs }) => {
  const sam = await openAs(inbox(), SAM, "/all");
  const { data: users } = await new Api(sam).get<{ data: { id: string; name: string }[] }>("/users");
  const { id: agent } = users.find(({ name }) => name === ANA.name) ?? { id: "" };
  await new Api(sam).patch(`/users/${agent}`, { role: "agent" });
  const ana = await openAs(inbox(), ANA, "/all");

  await test.step("one's own, and everybody's", async () => {
    await save(sam, "is:failed", "Failed deliveries");
    await expectNoAxe(sam, "a search that is saved");
    await save(sam, "plumber is:open", "Plumber", "Everybody");
    await expect(side(sam).getByRole("link", { name: "Failed deliveries" })).toBeVisible();
    await expect(side(ana).getByRole("link", { name: "Plumber" })).toBeVisible();
    await expect(side(ana).getByRole("link", { name: "Failed deliveries" })).toHaveCount(0);
    await expect(side(ana).getByRole("button", { name: "What to do with Plumber" })).toHaveCount(0);
  });

  await test.step("a click looks for it, and the item says where one is", async () => {
    await side(ana).getByRole("link", { name: "Plumber" }).click();
    await expect(searchBox(ana)).toHaveValue("plumber is:open");
    await expect(side(ana).getByRole("link", { name: "Plumber" })).toHaveAttribute("aria-current", "page");
    await expect(ana.getByText("Saved as Plumber")).toBeVisible();
    await ana.keyboard.press("Escape");
    await expect(ana).toHaveURL(/\/all$/);
  });

  await test.step("renamed, moved and removed, for everybody at once", async () => {
    await choose(sam, "Plumber", "Rename or change…");
    const dialog = sam.getByRole("dialog", { name: "Change Plumber" });
    await expect(dialog.getByRole("textbox", { name: "Name" })).toBeFocused();
    await expectNoAxe(sam, "changing a saved search");
    await dialog.getByRole("textbox", { name: "Name" }).fill("Plumbers");
    await sam.keyboard.press("Enter");
    await expect(side(ana).getByRole("link", { name: "Plumbers" })).toBeVisible();
    await save(sam, "is:urgent", "Urgent");
    const names = side(sam).getByRole("link", { name: /Failed deliveries|Urgent|Plumbers/ });
    await expect(names).toHaveText(["Failed deliveries", "Urgent", "Plumbers"]);
    await choose(sam, "Urgent", "Move up");
    await expect(names).toHaveText(["Urgent", "Failed deliveries", "Plumbers"]);
    await choose(sam, "Urgent", "Take out of the sidebar");
    await expect(names).toHaveText(["Failed deliveries", "Plumbers"]);
    await sam.goto(`${inbox().url}/search`);
    await expect(sam.getByRole("region", { name: "Saved searches" }).getByText("is:urgent")).toBeVisible();
    await choose(sam, "Plumbers", "Remove…");
    await sam.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await expect(names).toHaveText(["Failed deliveries"]);
    await expect(side(ana).getByRole("link", { name: "Plumbers" })).toHaveCount(0);
  });
});

test("what is found is counted, a tick narrows it down, and what is hidden is only counted", async ({ openAs }) => {
  await inbox().carrier.text(WREN, WEST_LINE, "The syzygy boiler hums");
  await inbox().carrier.text(MAYA, WEST_LINE, "My syzygy boiler too");
  const sam = await openAs(inbox(), SAM, "/all", { viewport: { width: 1440, height: 900 } });
  const api = new Api(sam);
  const { id } = await api.conversationWith(WREN);
  await api.post(`/conversations/${id}/notes`, { text: "The syzygy boiler is ours" });
  const counts = sam.getByRole("complementary", { name: "What was found, counted" });
  await expect(async () => {
    await sam.goto(`${inbox().url}/search?q=syzygy`);
    await expect(counts.getByText("3 results")).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await expect(counts.getByText("2 conversations")).toBeVisible();
  await expectNoAxe(sam, "a search with its counts");

  const notes = counts.getByRole("group", { name: "Channel" }).getByRole("checkbox", { name: /Notes/ });
  await notes.check();
  await expect(searchBox(sam)).toHaveValue("channel:notes syzygy");
  await expect(counts.getByText("1 result", { exact: true })).toBeVisible();
  await notes.uncheck();
  await expect(searchBox(sam)).toHaveValue("syzygy");
  const month = counts.getByRole("group", { name: "When" }).getByRole("checkbox").first();
  await month.check();
  await expect(searchBox(sam)).toHaveValue(/^after:\d{4}-\d\d-01 before:\d{4}-\d\d-01 syzygy$/);
  await expect(counts.getByText("3 results")).toBeVisible();
  await month.uncheck();
  await expect(searchBox(sam)).toHaveValue("syzygy");

  const team = await api.post<{ id: string }>("/teams", { name: "Board", closed: true });
  await api.patch(`/conversations/${id}`, { team_id: team.id });
  const ana = await openAs(inbox(), ANA, "/search?q=syzygy", { viewport: { width: 1440, height: 900 } });
  const hers = ana.getByRole("complementary", { name: "What was found, counted" });
  await expect(hers.getByText("1 result", { exact: true })).toBeVisible();
  await expect(hers.getByText("Not shown: 2 results in private conversations that you cannot open.")).toBeVisible();
});
