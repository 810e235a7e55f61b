import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Id, View } from "@partyline/kit/api";
import { useApp, useMay, useMe } from "@partyline/kit/react";
import type { Command } from "@partyline/kit/shortcuts";
import { useEffect, useRef } from "react";
import { useActions, type Beginning } from "../conversation/index.ts";
import { neighbour, type Place } from "../place/index.ts";

/** What is open above the mailbox; a new conversation may begin with something. */
export type Overlay = "palette" | "help" | "new" | Beginning | null;

/** Below this width the list and the thread take turns. */
const ONE_PANE_PX = 768;

type Surroundings = {
  place: Place;
  ids: readonly Id[];
  select: (id: Id | null, replace?: boolean) => void;
  go: (place: Place) => void;
  goToTasks: () => void;
  setOverlay: (overlay: Overlay) => void;
  togglePanel: () => void;
};

/** Registers what can be done in the mailbox: the palette, the help, the toolbar and the keys all come from here. */
export function useMailboxCommands(surroundings: Surroundings): void {
  const { commands, desk } = useApp();
  const actions = useActions();
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
        goes: (id) => {
          const { ids, place, select } = now.current;
          // A phone shows one thing at a time: there it goes back to the list.
          if (place.conversation === id) select(window.innerWidth < ONE_PANE_PX ? null : neighbour(ids, id), true);
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
    const goTo = (view: View) => () => now.current.go({ team: null, view, conversation: null });
    const here = msg`This conversation`;
    const list = msg`List`;
    const places = msg`Go to`;
    const app = msg`Everywhere`;
    const triage: Command<MessageDescriptor>[] = [
      {
        id: "conversation.close",
        title: msg`Close`,
        also: msg`done archive finish`,
        group: here,
        keys: ["E", "Ctrl+Shift+E"],
        when: () => open()?.status === "open" || open()?.status === "snoozed",
        run: onSelected((id) => actions.close(id)),
      },
      {
        id: "conversation.reopen",
        title: msg`Reopen`,
        group: here,
        keys: ["Shift+E"],
        when: () => open() !== undefined && open()?.status !== "open",
        run: onSelected((id) => actions.reopen(id)),
      },
      {
        id: "conversation.spam",
        title: msg`Mark as spam`,
        also: msg`junk block`,
        group: here,
        keys: ["!"],
        when: () => open() !== undefined && open()?.status !== "spam",
        run: onSelected((id) => actions.spam(id)),
      },
      {
        id: "conversation.trash",
        title: msg`Put in the trash`,
        also: msg`delete remove`,
        group: here,
        keys: ["#"],
        when: () => open() !== undefined && open()?.status !== "trash",
        run: onSelected((id) => actions.trash(id)),
      },
      {
        id: "conversation.assignMe",
        title: msg`Assign to me`,
        also: msg`take mine own`,
        group: here,
        keys: ["I"],
        when: () => me !== null && open() !== undefined && !open()?.assignee_ids.includes(me.id),
        run: onSelected((id) => me && actions.assign(id, [me])),
      },
      {
        id: "conversation.unassign",
        title: msg`Assign to nobody`,
        also: msg`unassign release`,
        group: here,
        keys: ["Shift+I"],
        when: () => (open()?.assignee_ids.length ?? 0) > 0,
        run: onSelected((id) => actions.assign(id, [])),
      },
    ];
    const compose: Command<MessageDescriptor> = {
      id: "app.new",
      title: msg`New conversation`,
      also: msg`write compose text someone`,
      group: app,
      keys: ["C"],
      run: () => now.current.setOverlay("new"),
    };
    return commands.add([
      { id: "list.next", title: msg`Next conversation`, group: list, keys: ["J"], unlisted: true, run: step(1) },
      {
        id: "list.previous",
        title: msg`Previous conversation`,
        group: list,
        keys: ["K"],
        unlisted: true,
        run: step(-1),
      },
      {
        id: "list.back",
        title: msg`Back to the list`,
        group: list,
        keys: ["Escape"],
        unlisted: true,
        when: () => selected() !== null,
        run: () => now.current.select(null),
      },
      ...(mayTriage ? triage : []),
      {
        id: "conversation.unread",
        title: msg`Mark read or unread`,
        group: here,
        keys: ["U"],
        when: () => selected() !== null,
        run: onSelected((id) => actions.toggleUnread(id)),
      },
      {
        id: "conversation.follow",
        title: msg`Follow, or no longer`,
        also: msg`watch subscribe notify`,
        group: here,
        when: () => open() !== undefined,
        run: onSelected((id) => void actions.follow(id, open()?.following !== true)),
      },
      {
        id: "conversation.mute",
        title: msg`Mute, or no longer`,
        also: msg`silence ignore quiet`,
        group: here,
        when: () => open() !== undefined,
        run: onSelected((id) => void actions.mute(id, open()?.muted !== true)),
      },
      { id: "app.undo", title: msg`Undo`, group: app, keys: ["Z"], run: () => actions.undo() },
      ...(mayReply ? [compose] : []),
      {
        id: "app.palette",
        title: msg`Search or jump`,
        group: app,
        keys: ["Ctrl+K", "/"],
        unlisted: true,
        run: () => now.current.setOverlay("palette"),
      },
      {
        id: "app.help",
        title: msg`Keyboard shortcuts`,
        group: app,
        keys: ["?"],
        run: () => now.current.setOverlay("help"),
      },
      {
        id: "app.panel",
        title: msg`Show or hide the contact`,
        group: app,
        keys: ["."],
        when: () => selected() !== null,
        run: () => now.current.togglePanel(),
      },
      { id: "go.mine", title: msg`Mine`, group: places, keys: ["G M", "G I"], run: goTo("mine") },
      { id: "go.unassigned", title: msg`Unassigned`, group: places, keys: ["G U"], run: goTo("unassigned") },
      { id: "go.all", title: msg`All`, group: places, keys: ["G A"], run: goTo("all") },
      { id: "go.mentions", title: msg`Mentions`, group: places, keys: ["G @"], run: goTo("mentions") },
      { id: "go.following", title: msg`Following`, group: places, keys: ["G F"], run: goTo("following") },
      { id: "go.tasks", title: msg`Tasks`, group: places, keys: ["G T"], run: () => now.current.goToTasks() },
      { id: "go.snoozed", title: msg`Snoozed`, group: places, keys: ["G H"], run: goTo("mine_snoozed") },
      { id: "go.allSnoozed", title: msg`All snoozed`, group: places, run: goTo("snoozed") },
      { id: "go.closed", title: msg`Closed`, group: places, keys: ["G E"], run: goTo("closed") },
      { id: "go.spam", title: msg`Spam`, group: places, run: goTo("spam") },
      { id: "go.trash", title: msg`Trash`, group: places, run: goTo("trash") },
    ]);
  }, [commands, desk, actions, me, mayTriage, mayReply]);
}
