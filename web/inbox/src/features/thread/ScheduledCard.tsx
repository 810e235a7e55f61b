import { useLingui } from "@lingui/react/macro";
import type { Message } from "@partyline/kit/api";
import { clockTime, fullWhen } from "@partyline/kit/i18n";
import { useApp, useMay, useMinute } from "@partyline/kit/react";
import { Button, Menu } from "@partyline/kit/ui";
import { ArrowUp, Clock, X } from "@partyline/kit/ui/icons";
import { useState } from "react";
import { LATER_MOST_MS, requestEdit } from "../composer/index.ts";
import { useActions } from "../conversation/index.ts";
import { ChooseTime, laterItems, useTimeNames } from "../snooze/index.ts";
import css from "./thread.module.css";

/** A message that waits for its time: when that is, and the ways to change it. */
export function ScheduledCard({ entry }: { entry: Message }) {
  const { t } = useLingui();
  const { commands } = useApp();
  const actions = useActions();
  const names = useTimeNames();
  const mayReply = useMay("conversation.reply");
  const now = new Date(useMinute());
  const [busy, setBusy] = useState(false);
  const [openedAt, setOpenedAt] = useState<Date | null>(null);
  const [choosing, setChoosing] = useState(false);
  const { send_at, reason, cancel_on_reply } = entry.delivery ?? {};
  if (!send_at) return null;
  const at = new Date(send_at);
  const when = at.toDateString() === now.toDateString() ? t`today at ${clockTime(at)}` : fullWhen(at);
  const plan = async (time: Date | null) => {
    setBusy(true);
    await actions.plan(entry, time);
    setBusy(false);
  };
  const cancel = async () => {
    setBusy(true);
    if (await actions.takeBack(entry)) {
      requestEdit(entry.conversation_id, entry.text);
      commands.run("composer.reply");
    }
    setBusy(false);
  };
  return (
    <div className={css.scheduled} role="group" aria-label={t`Scheduled message`}>
      <p>
        <Clock aria-hidden />
        <span>
          <b>{t`Leaves ${when}`}</b>
          {cancel_on_reply && <>{t`, unless they write first`}</>}
          {reason === "quiet_hours" && <>{t`, since these are quiet hours where they are`}</>}
        </span>
      </p>
      {mayReply && (
        <div className={css.failureWays}>
          <Menu
            open={openedAt !== null}
            onOpenChange={(open) => setOpenedAt(open ? new Date() : null)}
            align="end"
            sections={[
              {
                id: "times",
                heading: t`Send it`,
                items: [
                  ...(openedAt === null ? [] : laterItems(openedAt, names, (time) => void plan(time))),
                  { id: "choose", label: t`Choose a time…`, onSelect: () => setChoosing(true) },
                ],
              },
            ]}
            trigger={
              <Button compact disabled={busy}>
                <Clock aria-hidden />
                {t`Another time`}
              </Button>
            }
          />
          <Button compact disabled={busy} onClick={() => void plan(null)}>
            <ArrowUp aria-hidden />
            {t`Send now`}
          </Button>
          <Button compact look="quiet" disabled={busy} onClick={() => void cancel()}>
            <X aria-hidden />
            {t`Cancel it`}
          </Button>
        </div>
      )}
      {choosing && (
        <ChooseTime
          title={t`Send at another time`}
          action={t`Send then`}
          from={at}
          most={LATER_MOST_MS}
          onClose={() => setChoosing(false)}
          onChoose={(time) => {
            setChoosing(false);
            void plan(time);
          }}
        />
      )}
    </div>
  );
}
