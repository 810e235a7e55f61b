import { msg } from "@lingui/core/macro";
import type { Id } from "@partyline/kit/api";
import { useApp, useMay, useMe } from "@partyline/kit/react";
import { useEffect } from "react";
import { setEditing } from "./editing.ts";

/** What can be done to the notes of the conversation that is open. */
export function useNoteCommands(conversation: Id): void {
  const { commands, desk } = useApp();
  const me = useMe()?.user.id;
  const may = useMay("conversation.note");
  useEffect(() => {
    const last = () =>
      desk.thread(conversation)?.entries.findLast((entry) => entry.type === "note" && entry.author.id === me);
    return commands.add(
      may
        ? [
            {
              id: "note.editLast",
              title: msg`Edit my last note`,
              also: msg`change correct`,
              group: msg`This conversation`,
              when: () => last() !== undefined,
              run: () => {
                const note = last();
                if (note) setEditing({ note: note.id, back: () => commands.run("composer.note") });
              },
            },
          ]
        : [],
    );
  }, [commands, desk, conversation, me, may]);
  useEffect(() => () => setEditing(null), [conversation]);
}
