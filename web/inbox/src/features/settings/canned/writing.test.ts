import { expect, it } from "vitest";
import { shortcutOf, withPlace } from "./writing.ts";

it.each([
  ["Office hours", "office-hours"],
  ["A technician comes on Monday", "a-technician"],
  ["Öffnungszeiten!", "öffnungszeit"],
  ["  ", ""],
  ["—", ""],
])("the shortcut of %j is %j", (name, shortcut) => expect(shortcutOf(name)).toBe(shortcut));

it("a place goes in where the caret is, apart from the words around it", () => {
  expect(withPlace("Hi, bye", 2, 2, "contact.first_name")).toEqual({
    text: "Hi {{ contact.first_name | default('there') }}, bye",
    caret: 46,
  });
  expect(withPlace("ab", 1, 1, "team.name").text).toBe("a {{ team.name }} b");
  expect(withPlace("see XXX now", 4, 7, "team.name").text).toBe("see {{ team.name }} now");
  expect(withPlace("", 0, 0, "agent.name")).toEqual({ text: "{{ agent.name }}", caret: 16 });
});
