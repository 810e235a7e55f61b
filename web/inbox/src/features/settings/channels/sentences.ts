import { useLingui } from "@lingui/react/macro";
import type { Channel } from "@partyline/kit/api";
import { shortWhen } from "@partyline/kit/i18n";
import type { Health } from "./health.ts";

/** What the health of a channel means, in a sentence. `title` names the provider. */
export function useHealthSentence(): (health: Health, channel: Channel, title: string) => string {
  const { t } = useLingui();
  return ({ code }, channel, title) => {
    switch (code) {
      case "refused":
        return t`${title} refuses the credentials of this account. Nothing comes in or goes out.`;
      case "waiting":
        return t`${title} can’t be reached. Texts wait, and go out by themselves.`;
      case "unreachable":
        return t`${title} can’t be reached at the moment. It is tried again by itself.`;
      case "webhook_not_set":
        return t`${title} has not taken this server’s address yet. It is tried again by itself; until then texts are fetched every few seconds.`;
      case "webhook_elsewhere":
        return t`At ${title} this number reports to another address. It was left there, and texts are fetched every few seconds.`;
      case "other":
        return t`This channel is not connected (${channel.status}).`;
      case "connected":
        return channel.last_inbound_at === null
          ? t`Connected. Nothing has come in yet.`
          : t`Connected. The last text came ${shortWhen(new Date(channel.last_inbound_at), new Date())}.`;
    }
  };
}
