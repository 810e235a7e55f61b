import { useLingui } from "@lingui/react/macro";
import type { Conversation } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import { shownKeys } from "@partyline/kit/shortcuts";
import { IconButton, Menu } from "@partyline/kit/ui";
import { Clock } from "@partyline/kit/ui/icons";
import { useCallback, useEffect, useState } from "react";
import { useActions, useSelection } from "../conversation/index.ts";
import { known } from "../keys/index.ts";
import { ChooseTime } from "./ChooseTime.tsx";
import { laterItems } from "./laterItems.ts";
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
            items: openedAt === null ? [] : laterItems(openedAt, names, onSnooze),
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
          title={t`Set aside until`}
          action={t`Snooze`}
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
