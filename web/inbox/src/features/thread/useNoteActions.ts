import type { Client, Note, TaskIn } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import type { Desk } from "@partyline/kit/store";
import { useMemo } from "react";
import { complain } from "../conversation/index.ts";

/** What people do to notes. What rejects leaves it to the caller to say why; the rest says so itself. */
export function useNoteActions() {
  const { client, desk } = useApp();
  return useMemo(() => noteActions(client, desk), [client, desk]);
}

function noteActions(client: Client, desk: Desk) {
  /** An answer without a seq counts only while no frame has told more. */
  const keep = async (note: Note, ask: () => Promise<Note>) => {
    const stamp = desk.entryStamp(note.conversation_id, note.id);
    const answer = await ask();
    if (desk.entryStamp(note.conversation_id, note.id) === stamp) desk.putEntry(answer, stamp);
  };
  const tried = async (note: Note, ask: () => Promise<Note>) => {
    try {
      await keep(note, ask);
      return true;
    } catch (problem) {
      complain(problem);
      return false;
    }
  };
  return {
    edit: (note: Note, text: string) => keep(note, () => client.patch<Note>(`/notes/${note.id}`, { text })),
    react: (note: Note, emoji: string, on: boolean) => {
      const path = `/notes/${note.id}/reactions/${encodeURIComponent(emoji)}`;
      return tried(note, () => (on ? client.put<Note>(path, {}) : client.delete<Note>(path)));
    },
    putTask: (note: Note, task: TaskIn) => keep(note, () => client.put<Note>(`/notes/${note.id}/task`, task)),
    removeTask: (note: Note) => tried(note, () => client.delete<Note>(`/notes/${note.id}/task`)),
    finishTask: (note: Note, done: boolean) =>
      tried(note, () => client.post<Note>(`/notes/${note.id}/task/done`, { done })),
  };
}
