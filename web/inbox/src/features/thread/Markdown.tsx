import type { Id, Note } from "@partyline/kit/api";
import { useMe } from "@partyline/kit/react";
import { useMemo, type ReactNode } from "react";
import { parseMarkdown, type Block, type Inline } from "./markdown.ts";
import css from "./note.module.css";

/** A note as it is read. `names`: what those are called today whom it mentions. */
export function Markdown({ text, names }: { text: string; names: Note["mentions"] }) {
  const me = useMe()?.user;
  const blocks = useMemo(() => parseMarkdown(text), [text]);
  const mine = [me?.id, ...(me?.team_ids ?? [])];
  const nameOf = (id: Id) => names.find((named) => named.id === id)?.name;
  const inline = (inside: readonly Inline[]): ReactNode[] =>
    inside.map((part, at) => {
      switch (part.kind) {
        case "text":
          return part.text;
        case "code":
          return <code key={at}>{part.text}</code>;
        case "bold":
          return <strong key={at}>{inline(part.inside)}</strong>;
        case "italic":
          return <em key={at}>{inline(part.inside)}</em>;
        case "link":
          return (
            <a key={at} href={part.href} target="_blank" rel="noreferrer nofollow">
              {inline(part.inside)}
            </a>
          );
        case "mention":
          return (
            <b key={at} className={css.mention} data-me={mine.includes(part.id) || undefined}>
              @{nameOf(part.id) ?? part.name}
            </b>
          );
      }
    });
  const block = (one: Block, at: number) => {
    switch (one.kind) {
      case "paragraph":
        return <p key={at}>{inline(one.inside)}</p>;
      case "quote":
        return <blockquote key={at}>{inline(one.inside)}</blockquote>;
      case "code":
        return <pre key={at}>{one.text}</pre>;
      case "list": {
        const items = one.items.map((item, n) => <li key={n}>{inline(item)}</li>);
        return one.ordered ? (
          <ol key={at} start={one.start}>
            {items}
          </ol>
        ) : (
          <ul key={at}>{items}</ul>
        );
      }
    }
  };
  return <div className={css.words}>{blocks.map(block)}</div>;
}
