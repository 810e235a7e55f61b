import type { TemplateVariable } from "@partyline/kit/api";

const MOST_SUGGESTED = 12;

/** A shortcut for a name: its first words, as far as they are short. */
export function shortcutOf(name: string): string {
  const words = name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  let shortcut = "";
  for (const word of words) {
    const longer = shortcut === "" ? word : `${shortcut}-${word}`;
    if (shortcut !== "" && longer.length > MOST_SUGGESTED) break;
    shortcut = longer;
  }
  return [...shortcut].slice(0, MOST_SUGGESTED).join("");
}

/** The text with a place for this in it, and where the caret is then. Spaces go around it where words would touch it. */
export function withPlace(
  text: string,
  from: number,
  to: number,
  variable: TemplateVariable,
): { text: string; caret: number } {
  // whoever has no name is greeted all the same
  const place =
    variable === "contact.first_name" || variable === "contact.name"
      ? `{{ ${variable} | default('there') }}`
      : `{{ ${variable} }}`;
  const before = text.slice(0, from);
  const after = text.slice(to);
  const lead = /[\p{L}\p{N}.,;:!?]$/u.test(before) ? " " : "";
  const tail = /^[\p{L}\p{N}]/u.test(after) ? " " : "";
  const put = `${lead}${place}${tail}`;
  return { text: before + put + after, caret: from + put.length };
}
