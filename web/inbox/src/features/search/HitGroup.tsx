import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Hit } from "@partyline/kit/api";
import { fullWhen, shortWhen } from "@partyline/kit/i18n";
import { useMe, useMinute } from "@partyline/kit/react";
import { ChannelMark, classes } from "@partyline/kit/ui";
import { ChevronDown, ChevronRight, Lock, Paperclip } from "@partyline/kit/ui/icons";
import { useState, type MouseEvent } from "react";
import { useLocation } from "wouter";
import { contactName } from "../conversation/index.ts";
import { entryPath } from "../place/index.ts";
import { markedParts, type Group } from "./query.ts";
import css from "./search.module.css";

/** What was found in one conversation: the newest, and the others on demand. */
export function HitGroup({ group: { hits } }: { group: Group }) {
  const [open, setOpen] = useState(false);
  const [first, ...others] = hits;
  if (!first) return null;
  const words = plural(others.length, { one: "# more hit here", other: "# more hits here" });
  return (
    <li className={css.group}>
      <HitLink hit={first} />
      {others.length > 0 && (
        <button type="button" className={css.others} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}
          {words}
        </button>
      )}
      {open && others.map((hit) => <HitLink key={hit.entry.id} hit={hit} below />)}
    </li>
  );
}

function HitLink({ hit, below }: { hit: Hit; below?: boolean }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const me = useMe()?.user.id;
  const now = useMinute();
  const { conversation, entry, field, marks } = hit;
  const at = new Date(entry.at);
  const name = contactName(conversation);
  const isNote = entry.type === "note";
  const channel = conversation.channels.find(({ id }) => id === entry.channel_id) ?? conversation.channels[0];
  const to = entryPath(conversation.id, entry.id);
  const follow = (event: MouseEvent) => {
    // A new tab stays the browser's business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    navigate(to);
  };
  const author = entry.author.id === me ? t`You` : entry.author.name;
  return (
    <a data-hit href={to} onClick={follow} className={classes(css.hit, below && css.below)}>
      <span className={css.kind}>
        {isNote ? (
          <span className={css.noteMark}>
            <Lock aria-hidden />
            {t`Note`}
          </span>
        ) : (
          channel && <ChannelMark kind={channel.kind} />
        )}
      </span>
      <span className={css.who}>
        <b className="el">{isNote ? author : name}</b>
        <span className={`el ${css.faint}`}>{isNote ? t`about ${name}` : conversation.subject}</span>
        <time className={css.time} dateTime={entry.at} data-tip={fullWhen(at)}>
          {shortWhen(at, new Date(now))}
        </time>
      </span>
      <span className={classes(css.words, isNote && css.note)}>
        {field === "file" && <Paperclip aria-label={t`the name of a file`} />}
        {entry.direction === "outbound" && author && <span className={css.faint}>{t`${author}:`} </span>}
        <Marked text={entry.text} marks={marks} />
      </span>
    </a>
  );
}

export function Marked({ text, marks }: { text: string; marks: readonly (readonly number[])[] }) {
  return markedParts(text, marks).map((part, at) =>
    part.hit ? (
      // oxlint-disable-next-line react/no-array-index-key -- the parts of a text have no other identity
      <mark key={at} className={css.mark}>
        {part.text}
      </mark>
    ) : (
      part.text
    ),
  );
}
