import type { Conversation, Draft as Shared, Id } from "@partyline/kit/api";
import { useApp, useDrafts, useLiveState, useMe } from "@partyline/kit/react";
import { useEffect } from "react";
import { draftOf, useDraft } from "./drafts.ts";
import { isTheirs, type Step } from "./shared.ts";
import { sharingOf, type Sharing } from "./sharing.ts";

export type SharedState = {
  sharing: Sharing;
  /** What somebody else writes on this channel. */
  theirs: Shared | null;
  /** What I write, as the team sees it. */
  mine: Shared | null;
  /** What stands there beside my own text, and I have to choose. */
  asked: Shared | null;
};

/** The channel that my text is for, wherever they have written since; null where there is none. */
export function usePinned(conversation: Conversation): Conversation["channels"][number] | undefined {
  const me = useMe()?.user.id;
  const drafts = useDrafts(conversation.id);
  const { base, text } = useDraft(conversation.id);
  const own = base?.channel ?? drafts?.find((draft) => draft.holder.id === me)?.channel_id;
  const pinned = text !== "" && base ? base.channel : own;
  return conversation.channels.find(({ id }) => id === pinned);
}

/** Keeps my text and the team's draft of this conversation the same. */
export function useShared(conversation: Id, channel: Id | null): SharedState {
  const app = useApp();
  const { loader } = app;
  const sharing = sharingOf(app);
  const me = useMe()?.user.id ?? null;
  const live = useLiveState().state;
  const drafts = useDrafts(conversation);
  useDraft(conversation);

  useEffect(() => {
    void loader.drafts(conversation);
  }, [loader, conversation]);
  useEffect(() => {
    if (channel !== null) sharing.watch(conversation, channel);
  }, [sharing, conversation, channel, drafts, live]);
  useEffect(() => {
    const leave = () => void sharing.flush(conversation);
    window.addEventListener("pagehide", leave);
    window.addEventListener("blur", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("blur", leave);
      leave();
    };
  }, [sharing, conversation]);

  const server = drafts?.find((draft) => draft.channel_id === channel);
  const step: Step =
    channel !== null && draftOf(conversation).mode === "reply"
      ? sharing.step(conversation, channel)
      : { do: "nothing" };
  return {
    sharing,
    theirs: server && me !== null && isTheirs(server, me) ? server : null,
    mine: server && server.holder.id === me ? server : null,
    asked: step.do === "ask" ? step.draft : null,
  };
}
