import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type HeldGroup, type HeldWhole, type Id, type Replayed } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import { showToast } from "@partyline/kit/ui";
import { useState } from "react";
import { useLocation } from "wouter";
import { useHeldWords } from "./sentences.ts";

const TOAST = "held";

/** What can be done with held messages. Each says how it went; `busy` while one is under way. */
export function useReplay() {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const [, navigate] = useLocation();
  const words = useHeldWords();
  const [busy, setBusy] = useState(false);

  const run = async <T>(work: () => Promise<T>): Promise<T | null> => {
    setBusy(true);
    try {
      return await work();
    } catch (problem) {
      const text = problem instanceof ApiProblem ? problem.message : t`The server does not answer. Try again.`;
      showToast({ id: TOAST, text, tone: "danger" });
      return null;
    } finally {
      setBusy(false);
      // The log tells of it too, but perhaps later than the eye looks.
      desk.heldChanged();
    }
  };

  const replay = async (id: Id): Promise<HeldWhole | null> => {
    const held = await run(() => client.post<HeldWhole>(`/inbound/${id}/replay`, {}));
    if (held !== null) {
      const conversation = held.conversation_id;
      showToast({
        id: TOAST,
        text: t`It is in the inbox`,
        ...(conversation !== null && {
          action: { label: t`Open`, run: () => navigate(`/all/${conversation}`) },
        }),
      });
    }
    return held;
  };

  const replayAll = async ({ reason, connection_id, address }: HeldGroup): Promise<Replayed | null> => {
    const done = await run(() => client.post<Replayed>("/inbound/replay", { reason, connection_id, address }));
    if (done !== null) {
      showToast({ id: TOAST, text: words.done(done), ...(done.still_held > 0 && { tone: "danger" as const }) });
    }
    return done;
  };

  const dismiss = async (id: Id): Promise<HeldWhole | null> => {
    const held = await run(() => client.post<HeldWhole>(`/inbound/${id}/dismiss`, {}));
    if (held !== null) showToast({ id: TOAST, text: t`Dismissed. It is kept under “Dismissed”.` });
    return held;
  };

  return { busy, replay, replayAll, dismiss };
}
