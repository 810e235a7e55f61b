import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Held, HeldGroup, HeldReason, HeldState, Replayed } from "@partyline/kit/api";
import { readableNumber } from "@partyline/kit/i18n";

type Reasoned = Pick<Held | HeldGroup, "reason" | "address">;

/** Why something is held, in a few words and in a sentence that says what to do; and what its states are called. */
export function useHeldWords() {
  const { t } = useLingui();
  return {
    why({ reason, address }: Reasoned): string {
      switch (reason) {
        case "no_channel":
          return address === null ? t`Its number has no channel` : t`${readableNumber(address)} has no channel`;
        case "not_understood":
          return t`Not understood`;
        case "not_applied":
          return t`Could not be saved`;
      }
    },
    way(reason: HeldReason, connected: boolean): string {
      switch (reason) {
        case "no_channel":
          return connected
            ? t`The number is connected now: replay into its inbox.`
            : t`Connect the number, then replay into its inbox.`;
        case "not_understood":
          return t`This version does not know what the provider sent. Replay after an update.`;
        case "not_applied":
          return t`Replay. When that fails again, the server’s log says why.`;
      }
    },
    state(state: HeldState): string {
      switch (state) {
        case "quarantined":
          return t`Waiting`;
        case "replayed":
          return t`Replayed`;
        case "dismissed":
          return t`Dismissed`;
      }
    },
    hook(hook: string): string {
      switch (hook) {
        case "message":
          return t`A text`;
        case "status":
          return t`A receipt for one of ours`;
        case "voice":
          return t`A call`;
        case "poll":
          return t`A text that was fetched`;
        default:
          return hook;
      }
    },
    done({ replayed, still_held, goes_on }: Replayed): string {
      if (goes_on) return t`The first ${replayed} are in the inbox. The rest follows.`;
      if (still_held > 0)
        return plural(still_held, {
          one: "# message is held still. It says why.",
          other: "# messages are held still. Each says why.",
        });
      return plural(replayed, { one: "# message is in the inbox", other: "# messages are in the inbox" });
    },
  };
}
