import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Conversation, Id, View } from "@partyline/kit/api";
import { useApp, useMay, useMe } from "@partyline/kit/react";
import type { Command } from "@partyline/kit/shortcuts";
import { useEffect, useRef } from "react";
import { useActions, useManyActions, useSelection, type Beginning } from "../conversation/index.ts";
import { known } from "../keys/index.ts";
import {
  DRAFTS_PATH,
  neighbour,
  NOTIFICATIONS_PATH,
  SCHEDULED_PATH,
  SENT_PATH,
  TASKS_PATH,
  type Place,
} from "../place/index.ts";
import { pinnedFor } from "../saved/model.ts";
import { searchPath } from "../search/address.ts";
import { useRegionCommands } from "../keys/useRegionCommands.ts";

/** What is open above the mailbox; a new conversation may begin with something. */
export type Overlay = "palette" | "help" | "new" | Beginning | null;

/** Below this width the list and the thread take turns. */
const ONE_PANE_PX = 768;

type Surroundings = {
  place: Place;
  ids: readonly Id[];
  select: (id: Id | null, replace?: boolean) => void;
  go: (place: Place) => void;
  /** To a page that is no list of conversations. */
  goToPage: (path: string) => void;
  setOverlay: (overlay: Overlay) => void;
  /** Opens the palette at the teams. */
  chooseTeam: () => void;
  togglePanel: () => void;
  toggleSide: () => void;
  /** To a page that shows no list. */
  leaveFor: (path: string) => void;
};

function focusThread(): void {
  document.querySelector<HTMLElement>('[role="log"]')?.focus();
}

/** Registers what can be done in the mailbox: the palette, the help, the toolbar and the keys all come from here. */
export function useMailboxCommands(surroundings: Surroundings): void {
  const { commands, desk } = useApp();
  useRegionCommands();
  const actions = useActions();
  const many = useManyActions();
  const selection = useSelection();
  const me = useMe()?.user ?? null;
  const mayTriage = useMay("conversation.triage");
  const mayReply = useMay("conversation.reply");
  // The commands are registered once and read where the user is when they run.
  const now = useRef(surroundings);
  useEffect(() => {
    now.current = surroundings;
  });

  useEffect(
    () =>
      actions.whenMoved({
        goes: (gone) => {
          const { ids, place, select } = now.current;
          const id = place.conversation;
          if (id === null || !gone.has(id)) return;
          const left = ids.filter((other) => other === id || !gone.has(other));
          // A phone shows one thing at a time: there it goes back to the list.
          select(window.innerWidth < ONE_PANE_PX ? null : neighbour(left, id), true);
        },
        comesBack: (id) => now.current.select(id, true),
      }),
    [actions],
  );

  useEffect(() => {
    const selected = () => now.current.place.conversation;
    const open = () => desk.conversation(selected() ?? "");
    const onSelected = (run: (id: Id) => void) => () => {
      const id = selected();
      if (id !== null) run(id);
    };
    const step = (by: 1 | -1) => () => {
      const { ids, select } = now.current;
      const id = selected();
      const at = id === null ? -1 : ids.indexOf(id);
      const next = ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : at + by];
      if (next !== undefined) select(next, id !== null);
    };
    const goToPage = (path: string) => () => now.current.goToPage(path);
    const firstSaved = () => pinnedFor(desk.table("saved"), desk.me?.user)[0];
    const goTo = (view: View) => () => now.current.go({ team: null, view, conversation: null });
    const list = msg`List`;
    /** What is acted on: those that are chosen, else the one that is open. */
    const acted = (): Id[] => {
      const id = selected();
      if (selection.size > 0) return selection.inOrder(now.current.ids);
      return id === null ? [] : [id];
    };
    const those = (are: (conversation: Conversation) => boolean): Id[] =>
      acted().filter((id) => {
        const conversation = desk.conversation(id);
        return conversation !== undefined && are(conversation);
      });
    /** Can be done, and is done, with those of them that are so. */
    const where = (are: (conversation: Conversation) => boolean, run: (ids: readonly Id[]) => void) => ({
      when: () => those(are).length > 0,
      run: () => run(those(are)),
    });
    const onOpen = () => selection.size === 0 && open() !== undefined;
    const triage: Command<MessageDescriptor>[] = [
      {
        ...known("conversation.close"),
        ...where(
          ({ status }) => status === "open" || status === "snoozed",
          (ids) => many.close(ids),
        ),
      },
      {
        ...known("conversation.reopen"),
        ...where(
          ({ status }) => status !== "open",
          (ids) => many.reopen(ids),
        ),
      },
      {
        ...known("conversation.spam"),
        ...where(
          ({ status }) => status !== "spam",
          (ids) => many.spam(ids),
        ),
      },
      {
        ...known("conversation.trash"),
        ...where(
          ({ status }) => status !== "trash",
          (ids) => many.trash(ids),
        ),
      },
      {
        ...known("conversation.assignMe"),
        ...where(
          ({ assignee_ids: on }) => me !== null && !on.includes(me.id),
          (ids) => me && many.assign(ids, [me]),
        ),
      },
      {
        ...known("conversation.unassign"),
        ...where(
          ({ assignee_ids: on }) => on.length > 0,
          (ids) => many.assign(ids, []),
        ),
      },
      {
        ...known("conversation.move"),
        when: () => acted().length > 0,
        run: () => now.current.chooseTeam(),
      },
      {
        id: "list.clear",
        title: msg`Clear the selection`,
        group: list,
        keys: ["Escape"],
        when: () => selection.size > 0,
        run: () => selection.clear(),
      },
      {
        ...known("list.toggle"),
        when: () => (selection.end ?? selected()) !== null,
        run: () => selection.toggle(selection.end ?? selected() ?? ""),
      },
      {
        ...known("list.extend"),
        run: () => selection.step(now.current.ids, 1, selected()),
      },
      {
        ...known("list.extendBack"),
        run: () => selection.step(now.current.ids, -1, selected()),
      },
      {
        ...known("list.all"),
        // in a field it selects the text
        notInFields: true,
        when: () => now.current.ids.length > 0,
        run: () => selection.all(now.current.ids),
      },
    ];
    const compose: Command<MessageDescriptor> = {
      ...known("app.new"),
      run: () => now.current.setOverlay("new"),
    };
    return commands.add([
      { ...known("list.next"), run: step(1) },
      {
        ...known("list.previous"),
        run: step(-1),
      },
      {
        id: "list.back",
        title: msg`Back to the list`,
        group: list,
        keys: ["Escape"],
        unlisted: true,
        when: () => selection.size === 0 && selected() !== null,
        run: () => now.current.select(null),
      },
      ...(mayTriage ? triage : []),
      {
        ...known("list.open"),
        when: () => now.current.ids.length > 0,
        run: () => (selected() === null ? step(1)() : focusThread()),
      },
      { ...known("list.leave"), when: () => selected() !== null, run: () => now.current.select(null) },
      ...([true, false] as const).map((unread) => ({
        ...known(unread ? "conversation.markUnread" : "conversation.markRead"),
        ...where(
          (conversation) => conversation.unread !== unread,
          (ids) => many.toggleUnread(ids),
        ),
      })),
      {
        ...known("conversation.unread"),
        when: () => acted().length > 0,
        run: () => many.toggleUnread(acted()),
      },
      {
        ...known("conversation.follow"),
        when: onOpen,
        run: onSelected((id) => void actions.follow(id, open()?.following !== true)),
      },
      {
        ...known("conversation.mute"),
        when: onOpen,
        run: onSelected((id) => void actions.mute(id, open()?.muted !== true)),
      },
      { ...known("app.undo"), notInFields: true, run: () => actions.undo() },
      ...(mayReply ? [compose] : []),
      {
        ...known("app.palette"),
        run: () => now.current.setOverlay("palette"),
      },
      {
        ...known("app.help"),
        run: () => now.current.setOverlay("help"),
      },
      {
        ...known("app.panel"),
        when: () => selected() !== null,
        run: () => now.current.togglePanel(),
      },
      { ...known("go.mine"), run: goTo("mine") },
      { ...known("go.unassigned"), run: goTo("unassigned") },
      { ...known("go.all"), run: goTo("all") },
      { ...known("go.mentions"), run: goTo("mentions") },
      { ...known("go.following"), run: goTo("following") },
      { ...known("go.tasks"), run: goToPage(TASKS_PATH) },
      { ...known("go.scheduled"), run: goToPage(SCHEDULED_PATH) },
      { ...known("go.sent"), run: goToPage(SENT_PATH) },
      { ...known("go.drafts"), run: goToPage(DRAFTS_PATH) },
      { ...known("go.notifications"), run: goToPage(NOTIFICATIONS_PATH) },
      { ...known("go.snoozed"), run: goTo("mine_snoozed") },
      { ...known("go.allSnoozed"), run: goTo("snoozed") },
      { ...known("go.closed"), run: goTo("closed") },
      { ...known("go.spam"), run: goTo("spam") },
      { ...known("go.trash"), run: goTo("trash") },
      {
        ...known("go.saved"),
        when: () => firstSaved() !== undefined,
        run: () => now.current.leaveFor(searchPath(firstSaved()?.query ?? "")),
      },
      { ...known("go.settings"), run: () => now.current.leaveFor("/settings") },
      { ...known("app.search"), run: () => now.current.leaveFor(searchPath("")) },
      { ...known("app.sidebar"), run: () => now.current.toggleSide() },
    ]);
  }, [commands, desk, actions, many, selection, me, mayTriage, mayReply]);
}
