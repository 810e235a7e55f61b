import { msg } from "@lingui/core/macro";
import type { Conversation } from "@partyline/kit/api";
import { lately, useApp } from "@partyline/kit/react";
import { Suspense, useEffect, useState } from "react";

const { Lately: LabelPicker } = lately(async () => (await import("./LabelPicker.tsx")).LabelPicker);

/** The command that opens the picker of labels (L). */
export function LabelCommand({ conversation }: { conversation: Conversation }) {
  const { commands } = useApp();
  const [open, setOpen] = useState(false);
  useEffect(
    () =>
      commands.add([
        {
          id: "conversation.label",
          title: msg`Labels…`,
          also: msg`tag categorise`,
          group: msg`This conversation`,
          keys: ["L"],
          run: () => setOpen(true),
        },
      ]),
    [commands],
  );
  return (
    <Suspense fallback={null}>
      {open && <LabelPicker conversation={conversation} onClose={() => setOpen(false)} />}
    </Suspense>
  );
}
