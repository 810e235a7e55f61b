import { Api } from "../fixtures/api.ts";
import { demoForThisFile, test } from "../fixtures/journey.ts";
import { SAM } from "../fixtures/people.ts";
const inbox = demoForThisFile();
test("look", async ({ openAs }) => {
  for (const scheme of ["light", "dark"] as const) {
    const sam = await openAs(inbox(), SAM, "/all", { viewport: { width: 1440, height: 900 }, colorScheme: scheme });
    const api = new Api(sam);
    if (scheme === "light") for (const [name, query] of [["Urgent, no plumber yet anywhere in town", "is:urgent -plumber"], ["Failed deliveries", "is:failed"]]) await api.post("/saved_searches", { scope: "personal", name, query });
    await sam.goto(`${inbox().url}/search?q=the`);
    await sam.waitForTimeout(1500);
    await sam.screenshot({ path: `/tmp/look/keys-search-${scheme}.png` });
    for (const w of [1024, 390]) { await sam.setViewportSize({ width: w, height: 844 }); await sam.waitForTimeout(200); await sam.screenshot({ path: `/tmp/look/keys-search-${scheme}-${w}.png` }); }
  }
});
