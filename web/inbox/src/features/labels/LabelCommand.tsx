import type { Conversation, Id } from "@partyline/kit/api";
import { lately, useApp } from "@partyline/kit/react";
import { Suspense, useEffect, useState } from "react";
import { useActions, useSelection } from "../conversation/index.ts";
import { known } from "../keys/index.ts";

export const { Lately: LabelPicker } = lately(async () => (await import("./LabelPicker.tsx")).LabelPicker);

/** The command that opens the picker of labels (L). */
export function LabelCommand({ conversation }: { conversation: Conversation }) {
  const { commands, desk } = useApp();
  const actions = useActions();
  const selection = useSelection();
  const [open, setOpen] = useState(false);
  useEffect(
    () =>
      commands.add([
        {
          ...known("conversation.label"),
          when: () => selection.size === 0,
          run: () => setOpen(true),
        },
      ]),
    [commands, selection],
  );
  const { id, label_ids: chosen } = conversation;
  const toggle = (label: Id, on: boolean) => {
    const now = desk.conversation(id)?.label_ids ?? chosen;
    actions.label(id, on ? [...now, label] : now.filter((other) => other !== label));
  };
  return (
    <Suspense fallback={null}>
      {open && <LabelPicker chosen={chosen} onToggle={toggle} onClose={() => setOpen(false)} />}
    </Suspense>
  );
}
