import type { Id } from "@partyline/kit/api";

/** Somebody who can be mentioned: a person or a team. */
export type Mentionable = { id: Id; name: string };
/** A mention that was chosen: "@Name" stands at `at` in the text. */
export type Chosen = { at: number; id: Id; name: string };
/** What is being written: the words as they are read, and who is meant by some of them. */
export type NoteText = { text: string; mentions: readonly Chosen[] };

const SUGGESTIONS_MAX = 6;

/** Where the mentions stand after the text was changed in one place; those that were changed themselves are mere words then. */
export function moved(before: string, after: string, mentions: readonly Chosen[]): readonly Chosen[] {
  if (mentions.length === 0 || before === after) return mentions;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const by = after.length - before.length;
  return mentions.flatMap((mention) => {
    const to = mention.at + 1 + mention.name.length;
    if (to <= start) return mention;
    return mention.at >= before.length - end ? { ...mention, at: mention.at + by } : [];
  });
}

/** The text as the server reads it: who was chosen, and whose name was written out where nobody else is called so. */
export function marked({ text, mentions }: NoteText, known: readonly Mentionable[]): string {
  const alone = known
    .filter(({ name }) => name !== "" && known.filter((other) => other.name === name).length === 1)
    .toSorted((a, b) => b.name.length - a.name.length);
  let marks = "";
  let at = 0;
  while (at < text.length) {
    const chosen = mentions.find((mention) => mention.at === at);
    const who =
      chosen ??
      (text[at] === "@" && !/[\p{L}\p{N}]/u.test(text[at - 1] ?? "")
        ? alone.find(({ name }) => text.startsWith(name, at + 1))
        : undefined);
    marks += who ? `@[${who.name.replaceAll(/[[\]\n]/g, " ")}](${who.id})` : text[at];
    at += who ? who.name.length + 1 : 1;
  }
  return marks;
}

/** What `marked` made, as it is read; with the names of today where they are known. */
export function unmarked(marks: string, known: readonly Mentionable[]): NoteText {
  const mentions: Chosen[] = [];
  let text = "";
  let from = 0;
  for (const match of marks.matchAll(/@\[([^\]\n]{1,100})\]\(((?:user|team)_[0-9a-z]{1,40})\)/g)) {
    const id = match[2] ?? "";
    const name = known.find((other) => other.id === id)?.name ?? match[1] ?? "";
    text += marks.slice(from, match.index);
    mentions.push({ at: text.length, id, name });
    text += `@${name}`;
    from = match.index + match[0].length;
  }
  return { text: text + marks.slice(from), mentions };
}

/** What stands after an "@" before the caret, or null where no mention is being typed. */
export function mentionQuery({ text, mentions }: NoteText, caret: number): string | null {
  const query = /(?:^|[\s(])@([\p{L}\p{N}.'-]{0,30}(?: [\p{L}\p{N}.'-]{0,30})?)$/u.exec(text.slice(0, caret))?.[1];
  if (query === undefined) return null;
  const at = caret - query.length - 1;
  return mentions.some((mention) => mention.at === at) ? null : query;
}

/** Who may be meant: those whose name, or a later part of it, begins so. The whole name first. */
export function suggested<Who extends Mentionable>(query: string, known: readonly Who[]): Who[] {
  const typed = query.toLowerCase();
  const rank = ({ name }: Mentionable) => {
    const lower = name.toLowerCase();
    if (lower.startsWith(typed)) return 0;
    return lower.includes(` ${typed}`) ? 1 : 2;
  };
  return known
    .filter((who) => rank(who) < 2)
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, SUGGESTIONS_MAX);
}

/** Puts a mention in the place of what was typed; says where the caret is then. */
export function mentioned(
  note: NoteText,
  caret: number,
  query: string,
  who: Mentionable,
): { note: NoteText; caret: number } {
  const at = caret - query.length - 1;
  const rest = note.text.slice(caret);
  const space = rest.startsWith(" ") ? "" : " ";
  const text = `${note.text.slice(0, at)}@${who.name}${space}${rest}`;
  const mentions = [...moved(note.text, text, note.mentions), { at, id: who.id, name: who.name }];
  return { note: { text, mentions: mentions.toSorted((a, b) => a.at - b.at) }, caret: at + who.name.length + 2 };
}

/** Puts a mark such as "**" around what is selected, or takes it away; says what is selected then. */
export function wrapped(
  text: string,
  from: number,
  to: number,
  mark: string,
): { text: string; from: number; to: number } {
  const { length } = mark;
  const around = text.slice(from - length, from) === mark && text.slice(to, to + length) === mark;
  if (around && text[from - length - 1] !== mark[0])
    return {
      text: text.slice(0, from - length) + text.slice(from, to) + text.slice(to + length),
      from: from - length,
      to: to - length,
    };
  return {
    text: text.slice(0, from) + mark + text.slice(from, to) + mark + text.slice(to),
    from: from + length,
    to: to + length,
  };
}
