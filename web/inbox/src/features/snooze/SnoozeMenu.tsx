import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Conversation } from "@partyline/kit/api";
import { clockTime, fullWhen } from "@partyline/kit/i18n";
import { useApp, useForm } from "@partyline/kit/react";
import { Button, Dialog, IconButton, Menu, TextField } from "@partyline/kit/ui";
import { Clock } from "@partyline/kit/ui/icons";
import { useEffect, useState } from "react";
import { useActions } from "../conversation/index.ts";
import css from "./snooze.module.css";
import { localValue, snoozeTimes } from "./times.ts";
import { useTimeNames } from "./useTimeNames.ts";

/** Sets a conversation aside (H): until a time, or until they write. */
export function SnoozeMenu({ conversation }: { conversation: Conversation }) {
  const { t } = useLingui();
  const { commands } = useApp();
  const actions = useActions();
  /** Since when it is open: what is offered counts from there. */
  const [openedAt, setOpenedAt] = useState<Date | null>(null);
  const [choosing, setChoosing] = useState(false);
  const { id, status } = conversation;

  useEffect(
    () =>
      commands.add([
        {
          id: "conversation.snooze",
          title: msg`Snooze…`,
          also: msg`later set aside remind wait`,
          group: msg`This conversation`,
          keys: ["H"],
          run: () => setOpenedAt(new Date()),
        },
      ]),
    [commands],
  );

  const names = useTimeNames();
  const times = openedAt === null ? [] : snoozeTimes(openedAt);
  return (
    <>
      <Menu
        open={openedAt !== null}
        onOpenChange={(open) => setOpenedAt(open ? new Date() : null)}
        align="end"
        sections={[
          {
            id: "times",
            heading: t`Set aside until`,
            items: times.map(({ id: name, at }) => ({
              id: name,
              label: names[name],
              detail: name === "monday" ? fullWhen(at) : clockTime(at),
              onSelect: () => actions.snooze(id, at),
            })),
          },
          {
            id: "other",
            items: [
              { id: "reply", label: t`They write`, onSelect: () => actions.snooze(id, null) },
              { id: "choose", label: t`Another time…`, onSelect: () => setChoosing(true) },
            ],
          },
        ]}
        trigger={
          <IconButton label={status === "snoozed" ? t`Snoozed. Change` : t`Snooze`} keys="H" compact>
            <Clock aria-hidden />
          </IconButton>
        }
      />
      {choosing && (
        <ChooseTime
          onClose={() => setChoosing(false)}
          onChoose={(at) => {
            setChoosing(false);
            actions.snooze(id, at);
          }}
        />
      )}
    </>
  );
}

function ChooseTime({ onClose, onChoose }: { onClose: () => void; onChoose: (at: Date) => void }) {
  const { t } = useLingui();
  const [now] = useState(() => new Date());
  const tomorrow = snoozeTimes(now).find(({ id }) => id === "tomorrow")?.at ?? now;
  const form = useForm({
    initial: { at: localValue(tomorrow) },
    check: ({ at }) => ({
      at: new Date(at).getTime() > Date.now() ? null : t`Choose a time that is still to come.`,
    }),
    submit: async ({ at }) => onChoose(new Date(at)),
  });
  return (
    <Dialog title={t`Set aside until`} width={360} onClose={onClose}>
      <form {...form.attributes}>
        <TextField
          label={t`Day and time`}
          type="datetime-local"
          min={localValue(now)}
          {...form.text("at")}
          data-autofocus
        />
        <div className={css.buttons}>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" look="primary" busy={form.busy}>{t`Snooze`}</Button>
        </div>
      </form>
    </Dialog>
  );
}
