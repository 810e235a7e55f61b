import { useLingui } from "@lingui/react/macro";
import type { ListedDraft } from "@partyline/kit/api";
import { shortWhen } from "@partyline/kit/i18n";
import { useCounts, useDraftChanges, useMe, useMinute } from "@partyline/kit/react";
import { Avatar, ChannelMark } from "@partyline/kit/ui";
import { Eye, Paperclip } from "@partyline/kit/ui/icons";
import { useState, type MouseEvent } from "react";
import { useLocation } from "wouter";
import { contactName } from "../conversation/index.ts";
import { listedCss, ListPane, useListed } from "../listed/index.ts";
import { placePath } from "../place/index.ts";
import css from "./drafts.module.css";

type Which = "mine" | "review" | "left";

/** What I have begun, what I am asked to look at, and what colleagues who are gone have left. */
export function DraftsPane() {
  const { t } = useLingui();
  const review = useCounts()?.drafts.review ?? 0;
  const [which, setWhich] = useState<Which>("mine");
  const listed = useListed<ListedDraft>("/drafts", { list: which }, useDraftChanges());
  const tabs: [Which, string][] = [
    ["mine", t`Mine`],
    ["review", review > 0 ? t`To review (${review})` : t`To review`],
    ["left", t`Left behind`],
  ];
  const [nothing, hint] = {
    mine: [t`No drafts`, t`What you write and don’t send waits here, and your team can see it in its conversation.`],
    review: [t`Nothing to look at`, t`A colleague can ask you to look at a draft before it is sent.`],
    left: [t`Nothing was left behind`, t`Drafts of people who are no longer here wait for whoever goes on with them.`],
  }[which] as [string, string];
  return (
    <ListPane
      name={t`Drafts`}
      tabs={{ label: t`Which drafts`, all: tabs, chosen: which, onChoose: setWhich }}
      listed={listed}
      words={{ loading: t`Loading drafts`, failed: t`The drafts could not be loaded`, nothing, hint }}
    >
      {(drafts) => (
        <ul className={listedCss.list}>
          {drafts.map((draft) => (
            <Row key={draft.draft.id} listed={draft} />
          ))}
        </ul>
      )}
    </ListPane>
  );
}

function Row({ listed: { draft, conversation } }: { listed: ListedDraft }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const me = useMe()?.user.id;
  const now = useMinute();
  const to = placePath({ team: null, view: "all", conversation: conversation.id });
  const channel = conversation.channels.find(({ id }) => id === draft.channel_id);
  const at = new Date(draft.updated_at);
  const open = (event: MouseEvent) => {
    // A new tab stays the browser's business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <li className={css.row}>
      <a href={to} onClick={open} draggable={false}>
        <span className={css.who}>
          <b className="el">{contactName(conversation)}</b>
          {channel && <ChannelMark kind={channel.kind} />}
          <span className={css.gap} />
          <span className={css.time}>{shortWhen(at, new Date(now))}</span>
        </span>
        <span className={css.words}>{draft.text === "" ? t`No text` : draft.text}</span>
        <span className={css.about}>
          {draft.holder.id !== me && (
            <span className={css.part}>
              <Avatar id={draft.holder.id} name={draft.holder.name} />
              <span className="el">{draft.holder.name}</span>
            </span>
          )}
          {draft.review && draft.review.reviewer.id !== me && (
            <span className={css.part}>
              <Eye aria-hidden />
              <span className="el">{t`${draft.review.reviewer.name} looks at it`}</span>
            </span>
          )}
          {draft.attachments.length > 0 && (
            <span className={css.part}>
              <Paperclip aria-hidden />
              <span className="el">{draft.attachments.map(({ name }) => name).join(", ")}</span>
            </span>
          )}
        </span>
      </a>
    </li>
  );
}
