import { useLingui } from "@lingui/react/macro";
import type { Conversation } from "@partyline/kit/api";
import { clockTime, fullWhen } from "@partyline/kit/i18n";
import { useApp, useForm } from "@partyline/kit/react";
import { shownKeys } from "@partyline/kit/shortcuts";
import { Button, Dialog, IconButton, Menu, TextField } from "@partyline/kit/ui";
import { Clock } from "@partyline/kit/ui/icons";
import { useCallback, useEffect, useState } from "react";
import { useActions, useSelection } from "../conversation/index.ts";
import { known } from "../keys/index.ts";
import css from "./snooze.module.css";
import { localValue, snoozeTimes } from "./times.ts";
import { useTimeNames } from "./useTimeNames.ts";

/** Sets a conversation aside (H): until a time, or until they write. */
export function SnoozeMenu({ conversation }: { conversation: Conversation }) {
  const { t } = useLingui();
  const actions = useActions();
  const selection = useSelection();
  const { id, status } = conversation;
  const none = useCallback(() => selection.size === 0, [selection]);
  return (
    <SnoozeTimes
      label={status === "snoozed" ? t`Snoozed. Change` : t`Snooze`}
      command="conversation.snooze"
      when={none}
      onSnooze={(until) => actions.snooze(id, until)}
    />
  );
}

type TimesProps = {
  label: string;
  /** The id of the command that opens it. */
  command: string;
  when?: () => boolean;
  /** Null: until they write. */
  onSnooze: (until: Date | null) => void;
};

/** The times to which something can be set aside, behind a clock and a key (H). */
export function SnoozeTimes({ label, command, when, onSnooze }: TimesProps) {
  const { t } = useLingui();
  const { commands } = useApp();
  /** Since when it is open: what is offered counts from there. */
  const [openedAt, setOpenedAt] = useState<Date | null>(null);
  const [choosing, setChoosing] = useState(false);

  useEffect(
    () =>
      commands.add([
        {
          ...known("conversation.snooze"),
          id: command,
          ...(when ? { when } : {}),
          run: () => setOpenedAt(new Date()),
        },
      ]),
    [commands, command, when],
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
              onSelect: () => onSnooze(at),
            })),
          },
          {
            id: "other",
            items: [
              { id: "reply", label: t`They write`, onSelect: () => onSnooze(null) },
              { id: "choose", label: t`Another time…`, onSelect: () => setChoosing(true) },
            ],
          },
        ]}
        trigger={
          <IconButton label={label} keys={shownKeys("conversation.snooze", "H")} compact>
            <Clock aria-hidden />
          </IconButton>
        }
      />
      {choosing && (
        <ChooseTime
          onClose={() => setChoosing(false)}
          onChoose={(at) => {
            setChoosing(false);
            onSnooze(at);
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
