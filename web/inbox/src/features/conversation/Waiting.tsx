import { useLingui } from "@lingui/react/macro";
import type { Conversation } from "@partyline/kit/api";
import { useMinute } from "@partyline/kit/react";
import { WaitRing } from "@partyline/kit/ui";
import { TARGET_MINUTES, targetFraction, waitMinutes, waitText } from "./model.ts";

/** How long somebody waits, as ring and words; nothing when nobody does. */
export function Waiting({ conversation }: { conversation: Conversation }) {
  const { t } = useLingui();
  const now = useMinute();
  const minutes = waitMinutes(conversation, now);
  if (minutes === null) return null;
  const waited = waitText(minutes);
  return (
    <WaitRing fraction={targetFraction(minutes)} title={t`Waiting ${waited}, the target is ${TARGET_MINUTES} min`}>
      {waited}
    </WaitRing>
  );
}
