import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Channel } from "@partyline/kit/api";
import { useHeldGroups } from "@partyline/kit/react";
import { Button, Notice } from "@partyline/kit/ui";
import { Link } from "wouter";
import { HELD } from "./states.ts";
import { useReplay } from "./useReplay.ts";

/** What came to a number before it was connected, and the way into its inbox. */
export function HeldOfChannel({ channel }: { channel: Channel }) {
  const { t } = useLingui();
  const { busy, replayAll } = useReplay();
  const group = useHeldGroups()?.find(
    ({ reason, address, connection_id }) =>
      reason === "no_channel" && address === channel.address && connection_id === channel.connection_id,
  );
  if (group === undefined) return null;
  return (
    <Notice
      tone="warn"
      title={plural(group.count, {
        one: "# text came to this number while it was not connected",
        other: "# texts came to this number while it was not connected",
      })}
      actions={<Button compact busy={busy} onClick={() => void replayAll(group)}>{t`Replay`}</Button>}
    >
      {t`They are held. Replay, and they stand in the inbox at the time when they came; nobody is answered by itself.`}{" "}
      <Link href={HELD}>{t`Look at them first`}</Link>
    </Notice>
  );
}
