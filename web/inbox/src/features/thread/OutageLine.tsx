import { useLingui } from "@lingui/react/macro";
import type { Conversation } from "@partyline/kit/api";
import { clockTime } from "@partyline/kit/i18n";
import { useChannels, useConnections } from "@partyline/kit/react";
import { CloudOff } from "@partyline/kit/ui/icons";
import { outageOf } from "../conversation/index.ts";
import css from "./thread.module.css";

/** Says to who answers here that texts wait, why, and that nothing is lost. Nothing while they leave. */
export function OutageLine({ conversation }: { conversation: Conversation }) {
  const { t } = useLingui();
  const channels = useChannels();
  const connections = useConnections();
  const outage = conversation.channels
    .map(({ id }) =>
      outageOf(
        channels.find((channel) => channel.id === id),
        connections,
      ),
    )
    .find((found) => found !== null);
  if (!outage) return null;
  const { title, refused } = outage;
  const since = outage.since === null ? null : clockTime(outage.since);
  return (
    <div className={css.outage} role="status">
      <CloudOff aria-hidden />
      <p>
        {refused
          ? t`${title} refuses this account. Your texts wait, and go out by themselves once an admin has mended it.`
          : since === null
            ? t`${title} can’t be reached. Your texts wait and go out by themselves.`
            : t`${title} can’t be reached since ${since}. Your texts wait and go out by themselves.`}
      </p>
    </div>
  );
}
