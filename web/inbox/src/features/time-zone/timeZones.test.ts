import { describe, expect, it } from "vitest";
import { cityOf, timeIn, timeZoneOptions } from "./timeZones.ts";

describe("time zones", () => {
  it("are named by their city", () => {
    expect(["America/Los_Angeles", "America/Argentina/Buenos_Aires", "UTC"].map(cityOf)).toEqual([
      "Los Angeles",
      "Buenos Aires",
      "UTC",
    ]);
  });

  it("are those of the browser, its own and UTC, once each and sorted", () => {
    const options = timeZoneOptions("Europe/Berlin", ["Europe/Paris", "Europe/Berlin", "Etc/GMT+5"]);
    expect(options.map(({ value }) => value)).toEqual(["Europe/Berlin", "Europe/Paris", "UTC"]);
    expect(options[0]).toMatchObject({ label: "Berlin", detail: "Europe" });
  });

  it("tell the time there, and nothing for a zone that is unknown", () => {
    const now = new Date("2026-11-24T16:41:00Z");
    expect(timeIn("America/Los_Angeles", now, "en")?.replace(/\s/u, " ")).toBe("8:41 AM");
    expect(timeIn("Atlantis/Capital", now, "en")).toBeNull();
  });
});
