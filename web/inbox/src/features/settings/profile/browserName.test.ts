import { describe, expect, it } from "vitest";
import { browserName } from "./browserName.ts";

describe("the name of a browser", () => {
  it("is what people call it, and where it runs", () => {
    const cases: [string | null, string | null][] = [
      [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
        "Edge, Windows",
      ],
      [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
        "Safari, iPhone",
      ],
      ["Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"],
      ["curl/8.5.0", "curl"],
      ["something else", null],
      [null, null],
    ];
    for (const [agent, name] of cases) expect(browserName(agent)).toBe(name);
  });
});
